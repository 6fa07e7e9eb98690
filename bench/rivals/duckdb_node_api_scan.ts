/**
 * DuckDB in JavaScript scanning a file or many, in chunks of 2048 rows.
 *
 * @module
 */

import { type Fingerprint, noFingerprint } from "../fingerprint.ts";
import { report, scanArguments } from "../report_line.ts";
import { type Chunk, connect, days, unscaled } from "./duckdb_node_api.ts";

const { path, mode, columns, partition } = scanArguments();
const connection = await connect();
const fingerprint = noFingerprint();
let rows = 0;
let batches = 0;

const started = performance.now();
const source = `read_parquet('${path}', hive_partitioning = ${partition !== undefined})`;
const condition = partition ? ` where ${partition.column} = ${partition.value}` : "";
const result = await connection.stream(
  `select ${columns?.join(", ") ?? "*"} from ${source}${condition}`,
);
const names = result.columnNames();
for await (const chunk of result) {
  if (chunk.rowCount === 0) continue;
  rows += chunk.rowCount;
  batches += 1;
  if (mode === "verify") addChunk(fingerprint, chunk);
  else touchChunk(chunk);
}
const seconds = (performance.now() - started) / 1000;
report(mode === "verify" ? { rows, seconds, batches, fingerprint } : { rows, seconds, batches });

function touchChunk(chunk: Chunk): void {
  names.forEach((name, index) => {
    if (chunk.getColumnVector(index).getItem(0) === undefined) {
      throw new Error(`A chunk without a first value of ${name}`);
    }
  });
}

function addChunk(total: Fingerprint, chunk: Chunk): void {
  names.forEach((name, index) => {
    const add = (number: (item: unknown) => number) => {
      const vector = chunk.getColumnVector(index);
      let sum = 0;
      for (let row = 0; row < chunk.rowCount; row++) sum += number(vector.getItem(row));
      return sum;
    };
    switch (name) {
      case "l_orderkey":
        total.orderkey += add(Number);
        break;
      case "l_linenumber":
        total.linenumber += add(Number);
        break;
      case "l_quantity":
        total.quantity += add(unscaled);
        break;
      case "l_extendedprice":
        total.price += add(unscaled);
        break;
      case "l_shipdate":
        total.shipdate += add(days);
        break;
      case "l_returnflag":
        total.returned += add((item) => Number(item === "R"));
        break;
      case "l_comment":
        // The comments are ASCII, so that characters are bytes.
        total.comment += add((item) => String(item).length);
    }
  });
}
