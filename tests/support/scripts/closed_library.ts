/**
 * Loads the library that its argument names, has it start its threads, closes it, and prints whether it is still there.
 */
import { readFileSync } from "node:fs";
import process from "node:process";

const path = process.argv[2]!;
const bunFfi = "bun:ffi";

/** Loads it with one function, which takes a buffer and its length, and closes it after one call. */
async function openAndClose(): Promise<void> {
  const numbers = new Float64Array(16);
  if ("Bun" in globalThis) {
    const { dlopen } = await import(bunFfi);
    const library = dlopen(path, { spw_memory: { args: ["ptr", "u32"], returns: "i32" } });
    library.symbols.spw_memory(numbers, numbers.length);
    library.close();
    return;
  }
  const library = Deno.dlopen(path, {
    spw_memory: { parameters: ["buffer", "u32"], result: "i32" },
  });
  library.symbols.spw_memory(numbers, numbers.length);
  library.close();
}

await openAndClose();
console.log(JSON.stringify({ mapped: readFileSync("/proc/self/maps", "utf8").includes(path) }));
