/**
 * Finds Bun's real executable.
 *
 * @module
 */

import { readdir, realpath } from "node:fs/promises";
import { dirname, join } from "node:path";
import { projectPath } from "./project.ts";

/**
 * Finds an executable of Bun that runs on this machine.
 *
 * npm's `bun` package holds a placeholder, which its install script replaces by the executable from
 * a package of the platform. Deno runs no install scripts, so the platform's packages are looked
 * through here, then the usual places.
 *
 * @throws {Error} When there is none.
 */
export async function findBun(): Promise<string> {
  const candidates = [
    ...await platformBinaries(),
    projectPath("node_modules/.bin/bun"),
    "bun",
  ];
  for (const candidate of candidates) {
    if (await runs(candidate)) return candidate;
  }
  throw new Error("Bun was not found under node_modules nor on the PATH: run `deno install`");
}

async function platformBinaries(): Promise<string[]> {
  const { os, arch } = Deno.build;
  const prefix = `bun-${os}-${arch === "x86_64" ? "x64" : arch}`;
  const binary = os === "windows" ? "bin/bun.exe" : "bin/bun";
  try {
    // The packages lie beside the real place of `bun`, in Deno's layout as in npm's.
    const vendor = join(dirname(await realpath(projectPath("node_modules/bun"))), "@oven");
    const names = (await readdir(vendor)).filter((name) => name.startsWith(prefix));
    // The plain build first, before -baseline and -musl.
    return names.sort().map((name) => join(vendor, name, binary));
  } catch {
    return [];
  }
}

async function runs(candidate: string): Promise<boolean> {
  const probe = new Deno.Command(candidate, {
    args: ["--version"],
    stdout: "null",
    stderr: "null",
  });
  try {
    return (await probe.output()).success;
  } catch {
    return false;
  }
}
