/**
 * Runs a process of the soak's, which prints a line now and then for as long as it gets on.
 *
 * @module
 */

import { spawn } from "node:child_process";
import process from "node:process";
import { createInterface } from "node:readline";
import { repositoryRoot } from "../tests/support/harness.ts";

/** How a process ended. */
export interface ChildEnd {
  /** The exit status, or `null` where a signal ended it. */
  readonly code: number | null;
  readonly signal: string | null;
  /** Whether it was ended because it printed nothing for too long. */
  readonly hung: boolean;
  /** The end of what it complained of. */
  readonly stderr: string;
}

/** What {@linkcode runChild} is told. */
export interface ChildOptions {
  /** Called for each line that it prints. */
  readonly onLine: (line: string) => void;
  /** A process that prints nothing for so long hangs, and is ended. */
  readonly stallMs: number;
}

const interrupts = ["SIGINT", "SIGTERM"] as const;

/** What is kept of a process's complaints: the last is what it died of. */
const KEPT_CHARACTERS = 4_000;

/**
 * Runs a process to its end, and ends all that it has left behind.
 *
 * @param command Program and arguments
 */
export function runChild(
  [program = "", ...args]: readonly string[],
  { onLine, stallMs }: ChildOptions,
): Promise<ChildEnd> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd: repositoryRoot,
      env: { ...process.env, NO_COLOR: "1" },
      stdio: ["ignore", "pipe", "pipe"],
      detached: true, // a group of its own, which ends with it
    });
    let hung = false;
    let stderr = "";
    const onStall = () => {
      hung = true;
      child.kill("SIGKILL");
    };
    let timer = setTimeout(onStall, stallMs);
    // A group of its own hears nothing of what is typed here.
    const onInterrupt = () => {
      endGroup(child.pid);
      setTimeout(() => process.exit(130)); // when all of them have heard of it
    };
    for (const signal of interrupts) process.on(signal, onInterrupt);
    const release = () => {
      clearTimeout(timer);
      for (const signal of interrupts) process.off(signal, onInterrupt);
    };
    child.on("error", (error) => {
      release();
      reject(error);
    });
    const lines = createInterface({ input: child.stdout });
    const allRead = new Promise<void>((read) => lines.on("close", read));
    lines.on("line", (line) => {
      clearTimeout(timer);
      if (!hung) timer = setTimeout(onStall, stallMs);
      onLine(line);
    });
    child.stderr.on("data", (chunk) => {
      stderr = `${stderr}${chunk}`.slice(-KEPT_CHARACTERS);
    });
    // What it started may have its output open, and would keep "close" from coming.
    child.on("exit", () => endGroup(child.pid));
    child.on("close", async (code, signal) => {
      release();
      await allRead;
      resolve({ code, signal, hung, stderr: stderr.trim() });
    });
  });
}

/** Ends what a process started, by the group of that process. */
function endGroup(id: number | undefined): void {
  try {
    if (id !== undefined) process.kill(-id, "SIGKILL");
  } catch {
    // All of it has ended already, or Deno may only end the process itself.
  }
}

/** Says how a process ended, as a part of a sentence. */
export function describeEnd({ code, signal, hung, stderr }: ChildEnd): string {
  const end = hung ? "printed nothing for too long" : `ended with ${signal ?? `status ${code}`}`;
  return stderr === "" ? end : `${end}:\n${stderr}`;
}
