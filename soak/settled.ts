import { InternalError, InvalidHandleError, SpillwayError } from "spillway";
import type { Outcome } from "./fault.ts";

/** Longer than anything takes that is not stuck. */
const timeLimitMs = 20_000;

/**
 * Does something that may be wrong, and uses what comes of it: promises are waited for, streams are read or aborted,
 * iterators are run for a few steps.
 *
 * @param doing What to do
 * @param what Who did it, for the message
 * @returns Whether it worked, or ended in an error that says what was wrong
 * @throws {Error} Where it ended in an error that no caller should see, or in no time
 */
export async function settled(doing: () => unknown, what: string): Promise<Outcome> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`${what}: nothing came of it`)), timeLimitMs);
  try {
    await Promise.race([use(doing), late]);
    return "answered";
  } catch (error) {
    if (isRefusal(error)) return "refused";
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

function isRefusal(error: unknown): boolean {
  // A mistake of ours is no answer to a mistake of the caller's.
  if (error instanceof InternalError || error instanceof InvalidHandleError) return false;
  if (error instanceof SpillwayError || error instanceof RangeError) return true;
  // What engines say themselves of a mistake in code, rather than of a wrong argument.
  if (error instanceof TypeError) return true;
  // What was given as a reason, or as a signal that is aborted, comes back as it is.
  return !(error instanceof Error) || error instanceof DOMException;
}

async function use(doing: () => unknown): Promise<void> {
  const value = await doing();
  if (value instanceof ReadableStream) await read(value);
  else if (value instanceof WritableStream) await value.abort();
  else if (isPair(value)) await Promise.all([value.readable.cancel(), value.writable.abort()]);
  else if (Array.isArray(value)) await Promise.all(value.map((part) => use(() => part)));
  else if (isIterator(value)) {
    for (let step = 0; step < 3; step++) await value.next();
    await value.return?.();
  }
}

/** Reads some of a stream, unless nothing would ever come. */
async function read(stream: ReadableStream<unknown>): Promise<void> {
  if (stream.locked) return;
  const reader = stream.getReader();
  const pause = new Promise<{ done: true; value: undefined }>((resolve) =>
    setTimeout(() => resolve({ done: true, value: undefined }), 50)
  );
  try {
    for (let step = 0; step < 3; step++) {
      const { done, value } = await Promise.race([reader.read(), pause]);
      if (done) break;
      if (value instanceof Object && "release" in value) (value as { release(): void }).release();
    }
  } finally {
    await reader.cancel();
  }
}

function isPair(value: unknown): value is TransformStream {
  return value instanceof TransformStream ||
    value instanceof Object && "readable" in value && value.readable instanceof ReadableStream &&
      "writable" in value && value.writable instanceof WritableStream;
}

function isIterator(value: unknown): value is AsyncIterator<unknown> {
  return value instanceof Object && "next" in value && typeof value.next === "function";
}
