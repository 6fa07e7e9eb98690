/**
 * Reads and writes twenty files of the folder that its argument names, each under a name of its own, and prints which
 * paths Deno was asked about: it keeps what it answered of each for ever.
 */
import { copyFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { MemoryManager, scanCsv, writeCsv } from "spillway";

/** What Bun has neither of nor types for. */
interface Permissions {
  querySync(descriptor: { readonly path?: string }): unknown;
}

const folder = process.argv[2]!;
const { permissions } = (globalThis as unknown as { Deno: { permissions: Permissions } }).Deno;
const querySync = permissions.querySync;
const asked = new Set<string | undefined>();

MemoryManager.shared.currentUsage(); // loads the library, of which Deno is asked too
permissions.querySync = (descriptor) => {
  asked.add(descriptor.path);
  return querySync.call(permissions, descriptor);
};
let rows = 0;
for (let at = 0; at < 20; at++) {
  const upload = join(folder, `upload-${at}.csv`);
  copyFileSync(join("tests", "data", "stations.csv"), upload);
  await scanCsv(upload).pipeTo(writeCsv(join(folder, `answer-${at}.csv`)));
  rows += await scanCsv(join(folder, `answer-${at}.csv`)).count();
}
console.log(JSON.stringify({ rows, asked: [...asked].filter((path) => path !== undefined) }));
