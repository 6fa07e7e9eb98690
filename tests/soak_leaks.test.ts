import { expect } from "@std/expect";
import process from "node:process";
import { describeVerdict, judge } from "../soak/leaks/judge.ts";
import { runLeakSoak } from "../soak/leaks/run_leak_soak.ts";
import { runtime, test } from "./support/harness.ts";

const onLinux = process.platform === "linux";

test.skipIf(!onLinux)(
  "two thousand scans, writes, cancels and errors leave nothing behind",
  async () => {
    const self = { name: runtime, program: process.execPath };
    const samples = await runLeakSoak(self, {
      seed: 1,
      operations: 2_000,
      restEvery: 125,
      seconds: 60, // on a machine so slow that the operations would take longer
    });
    const leaks = judge(samples).filter((verdict) => verdict.leaks).map(describeVerdict);
    expect(leaks).toEqual([]);
  },
);
