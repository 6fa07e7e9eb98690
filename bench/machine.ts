/**
 * Says on what the numbers were taken.
 *
 * @module
 */

import { cpus, loadavg, release, totalmem, type } from "node:os";
import { bun } from "./tools.ts";

/** One paragraph: processor, memory, system, runtimes, and a warning when the machine is busy. */
export async function describeMachine(): Promise<string> {
  const processors = cpus();
  const model = processors[0]?.model.trim() ?? "an unknown processor";
  const memory = Math.round(totalmem() / 2 ** 30);
  const { stdout } = await new Deno.Command(await bun(), { args: ["--version"] }).output();
  const bunVersion = new TextDecoder().decode(stdout).trim();
  const [load = 0] = loadavg();
  const machine = `${processors.length} x ${model}, ${memory} GiB, ${type()} ${release()}`;
  const runtimes = `Deno ${Deno.version.deno}, Bun ${bunVersion}`;
  const busy = load > 0.25 * processors.length
    ? `\nThe machine is busy (load ${load.toFixed(2)}): take these numbers as provisional.`
    : "";
  return `${machine}; ${runtimes}${busy}\n`;
}
