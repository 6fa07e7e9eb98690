import { expect } from "@std/expect";
import { faults } from "../soak/faults.ts";
import { runFault } from "../soak/run_fault.ts";
import { test } from "./support/harness.ts";

for (const fault of Object.values(faults)) {
  test(`${fault.name}: each try ends in the right answer or a clear error`, async () => {
    const { answered, refused } = await runFault(fault, { times: fault.testTimes, seed: 1 });
    expect(answered + refused).toBe(fault.testTimes);
  });
}
