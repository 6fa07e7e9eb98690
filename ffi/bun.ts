/**
 * The driver for Bun: `bun:ffi`.
 *
 * @module
 */
import { existsSync, statSync } from "node:fs";
import process from "node:process";
import type { Adopt, Native, Runtime } from "./native.ts";
import { type Calls, type Signature, symbols } from "./symbols.ts";
import { waitByTurns } from "./wait_by_turns.ts";

interface BunFfi {
  ptr(buffer: ArrayBuffer): number;
  dlopen(
    path: string,
    symbols: Record<string, { args: readonly string[]; returns: string }>,
  ): { symbols: Record<string, BunFunction> };
  toArrayBuffer(
    pointer: number,
    byteOffset: number,
    byteLength: number,
    deallocatorContext?: number,
    deallocator?: number,
  ): ArrayBuffer;
}

interface BunFunction {
  (...args: unknown[]): unknown;
  /** The export's address. */
  ptr?: number;
  native?: { ptr?: number };
}

// Held in a variable, so that Deno neither resolves nor type-checks it.
const bunFfi = "bun:ffi";
const bunJsc = "bun:jsc";
const { dlopen, ptr, toArrayBuffer }: BunFfi = await import(bunFfi);
const { edenGC }: { edenGC(): void } = await import(bunJsc);
const { Bun } = globalThis as unknown as { Bun: { gc(synchronously: boolean): void } };

/** Bun as a {@linkcode Runtime}. */
export const runtime: Runtime = {
  os: process.platform === "win32" ? "windows" : process.platform,
  arch: process.arch === "x64" ? "x86_64" : process.arch === "arm64" ? "aarch64" : process.arch,
  environment(name) {
    return process.env[name];
  },
  exists(path) {
    return existsSync(path) && statSync(path).isFile();
  },
  assertMayLoad() {},
  assertMayRead() {},
  assertMayWrite() {},
  mayReadBelow: () => true,
  load,
};

/**
 * JavaScriptCore collects whenever as many bytes were made as the heap holds already: with a heap of
 * 10 MB, every few batches, which took 0.2 s of a scan of 1.3 GB. A buffer of this size makes the
 * heap look large, and that 0.03 s. It is native memory that is never touched, and so takes none: a
 * buffer of JavaScript's own was filled with zeros where memory was used before, which took 40 ms.
 * Scans share it, since each new one brings a collection of its own.
 */
const mostBallastBytes = 64 * 2 ** 20;

function load(path: string): Native {
  const table: Record<string, Signature> = symbols;
  const library = dlopen(
    path,
    Object.fromEntries(
      Object.entries(table).map(([name, { parameters, result }]) => [
        name,
        { args: parameters.map((type) => bunTypes[type]), returns: result },
      ]),
    ),
  );
  const calls = library.symbols as unknown as Calls;
  const free = library.symbols["spw_buffer_free"];
  const deallocator = free?.ptr ?? free?.native?.ptr;
  const adopt: Adopt | null = deallocator === undefined
    ? null
    : (address, byteLength, slot) => toArrayBuffer(address, 0, byteLength, slot, deallocator);
  let lastBallast: WeakRef<ArrayBuffer> | null = null;

  /** Ballast of so many bytes; `null` where the process may not have so much: scans are slower then. */
  function makeBallast(bytes: number): ArrayBuffer | null {
    if (adopt === null) return null;
    const numbers = new Float64Array(3);
    if (calls.spw_ballast(bytes, numbers, numbers.length) !== numbers.length) return null;
    const [address = 0, byteLength = 0, slot = 0] = numbers;
    return adopt(address, byteLength, slot) ?? null;
  }

  return {
    calls,
    adopt,
    copy(address, byteLength, slot) {
      const owned = toArrayBuffer(address, 0, byteLength).slice(0);
      calls.spw_buffer_free(address, slot);
      return owned;
    },
    addressOf: (buffer) => ptr(buffer),
    wait: (handle, timeoutMs) =>
      waitByTurns((parkMs) => calls.spw_scan_wait(handle, parkMs) !== 0, timeoutMs),
    waitForSink: (handle, event, timeoutMs) =>
      waitByTurns((parkMs) => calls.spw_sink_wait(handle, event, parkMs) !== 0, timeoutMs),
    // JavaScriptCore counts what its buffers hold by itself: 14 MB of garbage at most were seen.
    weigh() {},
    ballast(limitBytes) {
      const bytes = Math.floor(Math.min(mostBallastBytes, limitBytes / 4));
      const last = lastBallast?.deref();
      if (last?.byteLength === bytes) return last;
      const made = makeBallast(bytes);
      if (made !== null) lastBallast = new WeakRef(made);
      return made;
    },
    collectYoung: () => edenGC(),
    collectAll: () => Bun.gc(true),
  };
}

const bunTypes = { buffer: "ptr", f64: "f64", pointer: "ptr", u32: "u32" } as const;
