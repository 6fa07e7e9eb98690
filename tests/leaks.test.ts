import { expect } from "@std/expect";
import process from "node:process";
import { fixture } from "./support/fixtures.ts";
import { tempDirectory, test } from "./support/harness.ts";
import { runScript } from "./support/run_script.ts";

const onLinux = process.platform === "linux";

/** What the runtimes start for waiting, each with some maps, and end some seconds later: 200 would be a leak. */
const runtimeThreads = 16;

test.skipIf(!onLinux)("200 streams dropped half-read leave nothing behind", async () => {
  const { code, stdout, stderr } = await runScript("half_read", {
    args: [fixture("one_row_group"), "200"],
  });
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  const { before, after } = JSON.parse(stdout);
  expect(after).toMatchObject({ fileMaps: 0, fileDescriptors: 0, streamBytes: 0 });
  // The runtimes' own threads, sockets and heaps come and go.
  expect(after.descriptors).toBeLessThanOrEqual(before.descriptors + 5);
  expect(after.threads).toBeLessThanOrEqual(before.threads + runtimeThreads);
  expect(after.maps).toBeLessThanOrEqual(before.maps + 100);
});

test.skipIf(!onLinux)("200 sinks and encoders left half-written leave nothing behind", async () => {
  using folder = tempDirectory();
  const { code, stdout, stderr } = await runScript("half_written", {
    args: [fixture("sequence"), folder.path, "200"],
  });
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  const { before, after } = JSON.parse(stdout);
  expect(after).toMatchObject({ openFiles: 0, streamBytes: 0, left: [] });
  // The runtimes' own threads, sockets and heaps come and go.
  expect(after.descriptors).toBeLessThanOrEqual(before.descriptors + 5);
  expect(after.threads).toBeLessThanOrEqual(before.threads + runtimeThreads);
  expect(after.maps).toBeLessThanOrEqual(before.maps + 100);
});
