/**
 * DuckDB in JavaScript, whose results come in chunks of 2048 rows.
 *
 * @module
 */

import {
  type Answer,
  type AnswerArguments,
  answerReport,
  type Checksum,
} from "../predicates/question.ts";
import { jsonArgument, report } from "../report_line.ts";
import { type Chunk, connect, unscaled } from "./duckdb_node_api.ts";

const connection = await connect();

const answers: Answer[] = [];
const { questions, check } = jsonArgument<AnswerArguments>();
for (const { path, sql, columns, checksum } of questions) {
  let rows = 0;
  let sum = 0;
  const started = performance.now();
  const query = `select ${columns?.join(", ") ?? "*"} from '${path}' where ${sql}`;
  const result = await connection.stream(query);
  const index = result.columnNames().indexOf(checksum.column);
  for await (const chunk of result) {
    rows += chunk.rowCount;
    if (check) sum += sumOf(chunk, index, checksum);
  }
  answers.push({ rows, sum, seconds: (performance.now() - started) / 1000 });
}
report(answerReport(answers));

function sumOf(chunk: Chunk, index: number, { of }: Checksum): number {
  const vector = chunk.getColumnVector(index);
  let total = 0;
  for (let row = 0; row < chunk.rowCount; row++) {
    const item = vector.getItem(row);
    // The texts are ASCII, so that characters are bytes.
    if (of === "bytes") total += String(item).length;
    else total += of === "hundredths" ? unscaled(item) : Number(item);
  }
  return total;
}
