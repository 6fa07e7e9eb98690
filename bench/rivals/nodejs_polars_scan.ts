/**
 * Polars in JavaScript scanning a file or many, the whole result collected, which leaves nothing to
 * be touched.
 *
 * @module
 */

import { noFingerprint } from "../fingerprint.ts";
import { report, scanArguments } from "../report_line.ts";
import { type Frame, pl } from "./nodejs_polars.ts";

const { path, mode, columns, partition } = scanArguments();

const started = performance.now();
const files = pl.scanParquet(path, { hivePartitioning: partition !== undefined });
const wanted = partition
  ? files.filter(pl.col(partition.column).eq(pl.lit(partition.value)))
  : files;
const frame = await (columns ? wanted.select(...columns) : wanted).collect({ streaming: true });
const rows = frame.height;
const fingerprint = mode === "verify" ? sumsOf(frame) : undefined;
const seconds = (performance.now() - started) / 1000;
report(fingerprint ? { rows, seconds, fingerprint } : { rows, seconds });

function sumsOf(frame: Frame): ReturnType<typeof noFingerprint> {
  const total = noFingerprint();
  for (const name of frame.columns) {
    const column = pl.col(name);
    const sum = (expression: typeof column) => Number(frame.select(expression.sum()).row(0)[0]);
    // Decimals are added up exactly; the sum has fewer digits than a double.
    const hundredths = () =>
      Math.round(Number(frame.select(column.sum().cast(pl.Float64)).row(0)[0]) * 100);
    switch (name) {
      case "l_orderkey":
        total.orderkey = sum(column.cast(pl.Int64));
        break;
      case "l_linenumber":
        total.linenumber = sum(column.cast(pl.Int64));
        break;
      case "l_quantity":
        total.quantity = hundredths();
        break;
      case "l_extendedprice":
        total.price = hundredths();
        break;
      case "l_shipdate":
        total.shipdate = sum(column.cast(pl.Int64));
        break;
      case "l_returnflag":
        total.returned = sum(column.eq(pl.lit("R")).cast(pl.Int64));
        break;
      case "l_comment":
        // The comments are ASCII, so that characters are bytes.
        total.comment = sum(column.str.lengths().cast(pl.Int64));
    }
  }
  return total;
}
