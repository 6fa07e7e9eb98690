import { expect } from "@std/expect";
import process from "node:process";
import { faults } from "../soak/faults.ts";
import { soakFault } from "../soak/soak_fault.ts";
import { repositoryRoot, runtime, test } from "./support/harness.ts";

const self = { name: runtime, program: process.execPath };
const table = `${repositoryRoot}soak/faults.ts`;

for (const [fault, { name, testTimes }] of Object.entries(faults)) {
  test.skipIf(process.platform !== "linux")(
    `${name}: each try ends in the right answer or a clear error`,
    async () => {
      const tries = { table, fault, times: testTimes, seed: 1, sliceTimes: testTimes };
      const { answered, refused, failures } = await soakFault(self, tries);
      expect(failures).toEqual([]);
      expect(answered + refused).toBe(testTimes);
    },
  );
}
