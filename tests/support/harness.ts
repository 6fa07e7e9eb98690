/**
 * What a test file needs that Deno and Bun spell differently, so that it runs unchanged on both.
 *
 * @module
 */

import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The runtime that runs this test. */
export const runtime: "deno" | "bun" = "Bun" in globalThis ? "bun" : "deno";

/** The repository's root, with a trailing separator. */
export const repositoryRoot: string = fileURLToPath(new URL("../../", import.meta.url));

/** A test that hangs fails after this time, so that the others still run and count. */
const TIME_LIMIT_MS = 120_000;

type TestBody = () => void | Promise<void>;
type Register = (name: string, body: TestBody, skipped: boolean) => void;

interface BunTest {
  (name: string, body: TestBody, timeLimitMs: number): void;
  skip(name: string, body: TestBody): void;
}

// A specifier held in a variable: Deno neither resolves nor type-checks it.
const bunTestModule = "bun:test";
const register: Register = runtime === "bun" ? await bunRegister() : denoRegister;

async function bunRegister(): Promise<Register> {
  const { test }: { test: BunTest } = await import(bunTestModule);
  return (name, body, skipped) => skipped ? test.skip(name, body) : test(name, body, TIME_LIMIT_MS);
}

function denoRegister(name: string, body: TestBody, ignore: boolean): void {
  Deno.test({ name, ignore, fn: () => withinTimeLimit(body) });
}

async function withinTimeLimit(body: TestBody): Promise<void> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error("The test ran out of time")), TIME_LIMIT_MS);
  try {
    await Promise.race([body(), late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Registers a test with `Deno.test` or `bun:test`. */
export function test(name: string, body: TestBody): void {
  register(name, body, false);
}

/** Registers a test that is counted as skipped. */
test.skip = (name: string, body: TestBody): void => register(name, body, true);

/** Chooses {@linkcode test} or {@linkcode test.skip}: `test.skipIf(corpus === null)(name, body)`. */
test.skipIf = (condition: boolean): (name: string, body: TestBody) => void =>
  condition ? test.skip : test;

let corpusReported = false;

/**
 * The folder of Parquet files shared by all repositories, which lies beside this one.
 *
 * @returns The path, or `null` where the corpus is absent: says so once, for the tests to skip.
 */
export function corpusDir(): string | null {
  const path = join(repositoryRoot, "..", "shared", "corpus");
  if (existsSync(join(path, "manifest.json"))) return path;
  if (!corpusReported) {
    corpusReported = true;
    console.log("Skipping the corpus tests: ../shared/corpus is absent");
  }
  return null;
}

/** A directory that lives as long as the block that holds it: `using directory = tempDirectory()`. */
export interface TempDirectory extends Disposable {
  readonly path: string;
  /** The path of a file in the directory. */
  file(name: string): string;
}

/** Makes an empty directory, which is removed with all that it holds when disposed. */
export function tempDirectory(): TempDirectory {
  const path = mkdtempSync(join(tmpdir(), "spillway-"));
  return {
    path,
    file: (name) => join(path, name),
    [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }),
  };
}

/**
 * Collects garbage, and lets what the collection set off (finalizers, deleters) run.
 *
 * Bun's collector takes whatever looks like an address on the stack for one. It is called from a
 * microtask and from a timer, on stacks that differ, so that no leftover keeps an object each time.
 *
 * Deno needs `--v8-flags=--expose-gc`, which `deno task test` passes.
 *
 * @throws {Error} Where the runtime was not told to expose its collector.
 */
export async function collectGarbage(): Promise<void> {
  const { Bun, gc } = globalThis as { Bun?: { gc(sync: boolean): void }; gc?: () => void };
  const collect = Bun ? () => Bun.gc(true) : gc;
  if (!collect) throw new Error("Run the tests with --v8-flags=--expose-gc");
  const turn = (during: () => void = () => {}) =>
    new Promise<void>((resolve) => setTimeout(() => resolve(during()), 5));
  collect();
  await turn(collect);
  await turn();
  collect();
  await turn();
}
