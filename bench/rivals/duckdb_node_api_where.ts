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

/** What is used of `@duckdb/node-api` here. */
interface NodeApi {
  readonly DuckDBInstance: { create(): Promise<{ connect(): Promise<Connection> }> };
}

interface Connection {
  stream(sql: string): Promise<AsyncIterable<Chunk> & { columnNames(): string[] }>;
}

interface Chunk {
  readonly rowCount: number;
  getColumnVector(index: number): { getItem(row: number): unknown };
}

// Named in a variable, so that type-checking the repository doesn't download it.
const nodeApi = "@duckdb/node-api";
const { DuckDBInstance }: NodeApi = await import(nodeApi);
const connection = await (await DuckDBInstance.create()).connect();

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

/** The integer within DuckDB's decimal. */
function unscaled(item: unknown): number {
  if (typeof item === "object" && item !== null && "value" in item) return Number(item.value);
  throw new Error(`Not a decimal: ${item}`);
}
