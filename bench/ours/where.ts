/**
 * Spillway filtering a file, the same script on Deno and on Bun.
 *
 * @module
 */

import type { RecordBatch } from "apache-arrow";
import { MemoryManager, scanParquet, select, type SpillwayBatch, where } from "spillway";
import { predicateColumns } from "../predicates/predicate.ts";
import {
  type Answer,
  type AnswerArguments,
  answerReport,
  type Checksum,
  type FileQuestion,
} from "../predicates/question.ts";
import { jsonArgument, report } from "../report_line.ts";
import { toExpression } from "./expression.ts";

const { questions, check, unfused = false } = jsonArgument<AnswerArguments>();
// The first use of anything native loads the library, which is an import's affair.
new MemoryManager().availableMemory();

const answers: Answer[] = [];
for (const question of questions) answers.push(await answer(question));
report(answerReport(answers));

async function answer({ path, columns, predicate, checksum }: FileQuestion): Promise<Answer> {
  const condition = toExpression(predicate);
  const needed = columns && [...new Set([...columns, ...predicateColumns(predicate)])];
  let rows = 0;
  let sum = 0;
  const started = performance.now();
  const scan = scanParquet(path, needed ? { columns: needed } : {});
  // What goes through a stage that we don't know can't be moved into the scan.
  const source = unfused
    ? scan.pipeThrough(new TransformStream<SpillwayBatch, SpillwayBatch>())
    : scan;
  const passing = source.pipeThrough(where(condition));
  const projects = columns && needed && needed.length > columns.length;
  for await (using batch of projects ? passing.pipeThrough(select(...columns)) : passing) {
    rows += batch.numRows;
    if (check) sum += sumOf(batch, checksum);
  }
  const seconds = (performance.now() - started) / 1000;
  return {
    rows,
    sum,
    seconds,
    bytesRead: bytesRead({ ...scan.stats() }),
    bytesOfColumns: await bytesOf(path, needed),
  };
}

/**
 * The bytes that a scan read, which aren't all that it is done with where it skips.
 *
 * No scan reads nothing here: a counter that stands still must not pass for a small one.
 */
function bytesRead(
  { compressedBytesRead, compressedBytes }: Readonly<Record<string, unknown>>,
): number {
  const bytes = Number(compressedBytesRead ?? compressedBytes);
  if (bytes > 0) return bytes;
  throw new Error(`The scan gave rows and counts ${bytes} bytes read`);
}

/** The compressed bytes of columns that aren't nested. */
async function bytesOf(
  path: string,
  columns: readonly string[] | undefined,
): Promise<number> {
  const wanted = columns && new Set(columns);
  let bytes = 0;
  const { rowGroups } = await scanParquet(path).metadata();
  for (const column of rowGroups.flatMap((group) => group.columns)) {
    if (!wanted || wanted.has(column.path)) bytes += column.compressedSize;
  }
  return bytes;
}

function sumOf(batch: RecordBatch, { column, of }: Checksum): number {
  const index = batch.schema.fields.findIndex(({ name }) => name === column);
  const data = batch.data.children[index];
  if (!data) throw new Error(`A batch without the column ${column}`);
  const { length, nullCount, values, valueOffsets } = data;
  if (of === "bytes") {
    return length === 0 ? 0 : Number(valueOffsets[length]) - Number(valueOffsets[0]);
  }
  // A price is below 2 ** 32 hundredths: the lowest of a decimal's four words holds all of it.
  const stride = of === "hundredths" ? 4 : 1;
  let total = 0;
  for (let i = 0; i < length; i++) {
    if (nullCount === 0 || data.getValid(i)) total += Number(values[i * stride]);
  }
  return total;
}
