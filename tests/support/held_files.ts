import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { MemoryManager } from "spillway";
import { collectGarbage } from "./harness.ts";

/** What of the system's this process holds, on Linux. */
export interface HeldFiles {
  /** Descriptors of files below a folder. */
  readonly descriptors: number;
  /** Maps of files below it. */
  readonly maps: number;
  readonly threads: number;
  /** What all streams hold. */
  readonly streamBytes: number;
}

/** Files below a folder whose descriptor or map this process holds. */
export function openFiles(folder: string): Pick<HeldFiles, "descriptors" | "maps"> {
  const maps = readFileSync("/proc/self/maps", "utf8").split("\n");
  return {
    descriptors:
      readdirSync("/proc/self/fd").filter((name) => target(name).startsWith(folder)).length,
    maps: maps.filter((line) => line.includes(folder)).length,
  };
}

function target(descriptor: string): string {
  try {
    return readlinkSync(`/proc/self/fd/${descriptor}`);
  } catch {
    return "closed since it was listed";
  }
}

/**
 * What is held once finalizers and the library's threads had the time they need.
 *
 * @param folder Only files below it count
 */
export async function heldFiles(folder: string): Promise<HeldFiles> {
  const held = () => ({
    ...openFiles(folder),
    threads: readdirSync("/proc/self/task").length,
    streamBytes: MemoryManager.shared.currentUsage().streamBytes,
  });
  for (let round = 0; round < 100; round++) {
    await collectGarbage();
    const { descriptors, maps, streamBytes } = held();
    if (descriptors + maps + streamBytes === 0) break;
  }
  return held();
}
