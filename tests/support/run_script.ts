import { execFile, type ExecFileException } from "node:child_process";
import { join } from "node:path";
import process from "node:process";
import { repositoryRoot, runtime } from "./harness.ts";

/** How a script ended. */
export interface ScriptOutcome {
  /** The exit code, or why there is none. */
  readonly code: number | string;
  readonly stdout: string;
  readonly stderr: string;
}

/** What a script is run with. */
export interface ScriptOptions {
  readonly args?: readonly string[];
  /** Environment variables that are set for it beside this process's. */
  readonly env?: Readonly<Record<string, string>>;
  /** Deno's flags: all permissions when left out. Bun has none. */
  readonly denoFlags?: readonly string[];
  /** The working directory: the repository's root when left out. */
  readonly cwd?: string;
  /** The most files that it may have open at once, on systems with a shell: the system's when left out. */
  readonly mostOpenFiles?: number;
  /** After so long it is ended. @default {100_000} */
  readonly timeLimitMs?: number;
}

/** A script that runs for longer hangs. */
const TIME_LIMIT_MS = 100_000;

/** The exit code of a script that was ended for that. */
export const ranTooLong = "killed: it ran for too long";

/**
 * Runs a script of `tests/support/scripts` in a process of its own, on the runtime of this one.
 *
 * @param name The script's name without the extension
 */
export function runScript(name: string, options: ScriptOptions = {}): Promise<ScriptOutcome> {
  const { args = [], env = {}, denoFlags = ["--allow-all"], mostOpenFiles } = options;
  const { cwd = repositoryRoot, timeLimitMs = TIME_LIMIT_MS } = options;
  const script = join(repositoryRoot, "tests", "support", "scripts", `${name}.ts`);
  const flags = runtime === "deno" ? ["--no-check", "--v8-flags=--expose-gc", ...denoFlags] : [];
  const command = [process.execPath, "run", ...flags, script, ...args];
  const limited = ["sh", "-c", `ulimit -n ${mostOpenFiles} && exec "$0" "$@"`, ...command];
  const [program, ...rest] = mostOpenFiles === undefined ? command : limited;
  return new Promise((resolve) => {
    execFile(
      program!,
      rest,
      {
        cwd,
        env: { ...process.env, NO_COLOR: "1", ...env },
        timeout: timeLimitMs,
        killSignal: "SIGKILL",
      },
      (error, stdout, stderr) =>
        resolve({ code: error === null ? 0 : reason(error), stdout, stderr }),
    );
  });
}

function reason({ killed, signal, code, message }: ExecFileException): number | string {
  if (killed) return ranTooLong;
  return signal ? `ended by ${signal}` : code ?? message;
}
