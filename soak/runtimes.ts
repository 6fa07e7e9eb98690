import { repositoryRoot } from "../tests/support/harness.ts";

/** The runtimes that the library runs on. */
export type RuntimeName = "deno" | "bun";

/** A runtime on this machine. */
export interface Runtime {
  readonly name: RuntimeName;
  /** Its executable. */
  readonly program: string;
}

/** How tables and charts call them. */
export const titles: Readonly<Record<RuntimeName, string>> = { deno: "Deno", bun: "Bun" };

/** Without a check of types: thousands of processes are started. */
const denoFlags = ["--allow-all", "--no-check", "--v8-flags=--expose-gc", "--quiet"];

/**
 * The program and the arguments that run one of the soak's scripts, from the repository's root.
 *
 * @param runtime Who runs it
 * @param script Its path below `soak`
 * @param argument What it is told, as JSON
 */
export function soakCommand(
  { name, program }: Runtime,
  script: string,
  argument: object,
): readonly string[] {
  const flags = name === "deno" ? denoFlags : [];
  return [program, "run", ...flags, `${repositoryRoot}soak/${script}`, JSON.stringify(argument)];
}
