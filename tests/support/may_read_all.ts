/**
 * Whether file permissions hold for this process.
 *
 * @module
 */
import { readFileSync, writeFileSync } from "node:fs";
import { tempDirectory } from "./harness.ts";

/** Whether a file can be read that nobody may read: an administrator's process can. */
export function mayReadAll(): boolean {
  using directory = tempDirectory();
  const path = directory.file("secret");
  writeFileSync(path, "", { mode: 0o000 });
  try {
    readFileSync(path);
    return true;
  } catch {
    return false;
  }
}
