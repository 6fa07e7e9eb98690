/**
 * The ways in which streams are read and end, each with what it asserts.
 *
 * @module
 */

import { SpillwayError } from "spillway";
import type { Random } from "../random.ts";

/** What ends an operation that is meant to end early. */
export class Ended extends Error {
  override readonly name = "Ended";
}

/** Reads a stream to its end, and asserts how many rows it gave. */
export async function gives(
  stream: ReadableStream<{ readonly numRows: number } & Disposable>,
  expected: number,
  { release = true } = {},
): Promise<void> {
  let rows = 0;
  for await (const batch of stream) {
    rows += batch.numRows;
    if (release) batch[Symbol.dispose]();
  }
  equal(rows, expected);
}

/** Reads none or some of a stream, and cancels it, maybe while a read is under way. */
export async function cancelled<Value>(
  stream: ReadableStream<Value>,
  random: Random,
): Promise<void> {
  const reader = stream.getReader();
  for (let reads = random.below(4); reads > 0; reads--) await reader.read();
  const pending = random.below(2) === 0 ? reader.read() : null;
  await reader.cancel(new Ended());
  await pending;
}

/** Asserts that it fails with an error of the library's, or one of arguments, of this code where one is given. */
export async function fails(work: Promise<unknown>, code: string | null): Promise<void> {
  const error = await work.then(() => null, (error) => error);
  if (error instanceof SpillwayError && (code === null || error.code === code)) return;
  throw new Error(`Failed with ${error} instead of ${code ?? "an error of the library"}`);
}

/** Lets it end by itself, or by {@linkcode Ended}. */
export async function ends(work: Promise<unknown>): Promise<void> {
  await work.catch((error) => {
    if (!(error instanceof Ended)) throw error;
  });
}

/** All bytes that a stream gives. */
export async function length(stream: ReadableStream<Uint8Array>): Promise<number> {
  let bytes = 0;
  for await (const chunk of stream) bytes += chunk.length;
  return bytes;
}

/** Bytes as a client sends them. */
export function streamOf(bytes: Uint8Array<ArrayBuffer>): ReadableStream<Uint8Array<ArrayBuffer>> {
  let at = 0;
  return new ReadableStream({
    pull(controller) {
      if (at < bytes.length) controller.enqueue(bytes.slice(at, at += 65_536));
      else controller.close();
    },
  }, { highWaterMark: 0 });
}

/** Asserts that two values are the same. */
export function equal(actual: unknown, expected: unknown): void {
  if (actual !== expected) throw new Error(`Got ${actual} instead of ${expected}`);
}
