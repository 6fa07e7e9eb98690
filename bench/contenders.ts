/**
 * The processes that compete: ours on each runtime, our core without JavaScript, and the rivals.
 *
 * @module
 */

import { projectPath } from "../scripts/project.ts";
import type { Contender } from "./harness.ts";
import { bun, library, python, rustScan } from "./tools.ts";

/** The runtimes that we run on. */
export type Runtime = "Deno" | "Bun";

/** Both runtimes, in the order of the tables. */
export const runtimes: readonly Runtime[] = ["Deno", "Bun"];

/** A script of `ours/` on a runtime, with just the permissions that users give. */
export async function ours(
  runtime: Runtime,
  script = "scan.ts",
  { writes = false }: { readonly writes?: boolean } = {},
): Promise<Contender> {
  await library();
  const path = projectPath(`bench/ours/${script}`);
  const permissions = ["--allow-ffi", "--allow-read", "--allow-env"];
  if (writes) permissions.push("--allow-write");
  const command = runtime === "Deno"
    ? [Deno.execPath(), "run", ...permissions, path]
    : [await bun(), "run", path];
  return { name: `Spillway on ${runtime}`, command };
}

/** The same core driven by a Rust program, in batches of the size that the adaptive strategy takes. */
export async function rustAlone(): Promise<Contender> {
  const options = { batchRows: 16_384 };
  return { name: "the core from Rust alone", command: [await rustScan()], options };
}

/**
 * What a rival's script does: scan a file, filter it, scan many, where that is another call, read
 * all of a file and sum one column, read text, write a file, or make text of it.
 */
export type RivalTask = "scan" | "where" | "files" | "price" | "csv" | "ndjson" | "write";

/** The rivals that come with Python. */
export async function pythonRival(
  name: "Polars" | "DuckDB" | "pyarrow",
  task: RivalTask = "scan",
): Promise<Contender> {
  const script = projectPath(`bench/rivals/${name.toLowerCase()}_${task}.py`);
  return { name, command: [await python(), script] };
}

/** The rivals that decode in JavaScript or WebAssembly, on Deno: five rounds of seconds must do. */
export function javaScriptRival(
  name: "hyparquet" | "parquet-wasm" | "hyparquet-writer",
  task: RivalTask = "scan",
): Contender {
  return { ...onDeno(name, task), maxRounds: 5 };
}

/** The native rivals that JavaScript has, on Deno. */
export function nativeRival(
  name: "nodejs-polars" | "@duckdb/node-api",
  task: RivalTask,
): Contender {
  return onDeno(name, task);
}

function onDeno(name: string, task: RivalTask): Contender {
  const folder = projectPath("bench/rivals");
  const script = `${folder}/${name.replace("@", "").replaceAll(/\W/g, "_")}_${task}.ts`;
  const config = `--config=${folder}/deno.json`;
  return { name, command: [Deno.execPath(), "run", "-A", config, script] };
}
