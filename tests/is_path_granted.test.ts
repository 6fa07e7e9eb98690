import { expect } from "@std/expect";
import { dirname } from "node:path";
import { fromRows, MemoryManager, scanParquet, writeParquet } from "spillway";
import { runtime, tempDirectory, test } from "./support/harness.ts";

const onDeno = runtime === "deno";

/** Bun has neither the permissions nor their types. */
interface Permissions {
  querySync(descriptor: { readonly path?: string }): unknown;
}

/** The paths that Deno is asked about meanwhile: it keeps its answers for ever. */
async function askedPaths(work: () => Promise<void>): Promise<Set<string | undefined>> {
  const { permissions } = (globalThis as unknown as { Deno: { permissions: Permissions } }).Deno;
  const asked = new Set<string | undefined>();
  const querySync = permissions.querySync;
  permissions.querySync = (descriptor) => {
    asked.add(descriptor.path);
    return querySync.call(permissions, descriptor);
  };
  try {
    await work();
  } finally {
    Reflect.deleteProperty(permissions, "querySync");
  }
  return asked;
}

test.skipIf(!onDeno)(
  "Deno is asked of folders, not of each file that is read or written",
  async () => {
    using folder = tempDirectory();
    MemoryManager.shared.currentUsage(); // loads the library, of which Deno is asked too
    const asked = await askedPaths(async () => {
      for (let at = 0; at < 20; at++) {
        const reading = scanParquet(folder.file(`${at}.parquet`)).schema();
        await expect(reading).rejects.toMatchObject({ code: "FILE_NOT_FOUND" });
        await fromRows([{ at }]).pipeTo(writeParquet(folder.file(`written-${at}`)));
      }
    });
    const around = new Set<string | undefined>([undefined, dirname(folder.path)]);
    for (let inner = folder.path; dirname(inner) !== inner; inner = dirname(inner)) {
      around.add(inner).add(dirname(inner));
    }
    expect([...asked].filter((path) => !around.has(path))).toEqual([]);
    expect(asked.size).toBeGreaterThan(0);
  },
);
