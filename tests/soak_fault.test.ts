import { expect } from "@std/expect";
import process from "node:process";
import {
  type FailureKind,
  MOST_FAILURES,
  soakFault,
  type SoakOptions,
} from "../soak/soak_fault.ts";
import { repositoryRoot, runtime, test } from "./support/harness.ts";

const onLinux = process.platform === "linux";
const table = `${repositoryRoot}tests/support/fake_faults.ts`;

function soak(fault: string, options: Partial<SoakOptions> = {}) {
  const self = { name: runtime, program: process.execPath };
  return soakFault(self, { table, fault, times: 4, seed: 100, sliceTimes: 4, ...options });
}

/** What goes wrong in the third try of each process, of four: with the seed 102, and not with 103 in the next one. */
async function expectFailure(fault: string, kind: FailureKind, said: string): Promise<void> {
  const { tried, answered, refused, failures } = await soak(fault);
  expect({ tried, answered, refused }).toEqual({ tried: 4, answered: 2, refused: 1 });
  expect(failures).toHaveLength(1);
  expect(failures[0]).toMatchObject({ kind, seed: 102, times: 1 });
  expect(failures[0]!.details).toContain(said);
}

test.skipIf(!onLinux)("tries without a fault are counted, over all processes", async () => {
  const told: number[] = [];
  const onProgress = (tried: number) => told.push(tried);
  const report = await soak("harmless", { times: 5, sliceTimes: 3, onProgress });
  expect(told).toEqual([3, 5]);
  expect(report).toEqual({ tried: 5, answered: 3, refused: 2, failures: [] });
});

test.skipIf(!onLinux)(
  "a process ended by a signal is a crash of the try that was under way",
  () => expectFailure("crashes", "crash", "ended with SIGABRT:\nout of luck"),
);

test.skipIf(!onLinux)(
  "a process that ends by itself in a try is a crash",
  () => expectFailure("exits", "crash", "ended by itself before all was tried"),
);

test.skipIf(!onLinux)(
  "a rejection that nobody handles is a crash",
  () => expectFailure("rejects", "crash", "nobody looks"),
);

test.skipIf(!onLinux)(
  "an error of a try is a wrong answer",
  () => expectFailure("wrong", "wrong", "the row 5 is 6"),
);

test.skipIf(!onLinux)("a process that gets nowhere is ended, and hangs", async () => {
  const { tried, failures } = await soak("hangs", { times: 3, stallMs: 8_000 });
  expect(tried).toBe(3);
  expect(failures).toMatchObject([{ kind: "hang", seed: 102, times: 1 }]);
});

test.skipIf(!onLinux)(
  "what is open after the last try is a leak of all tries of the process",
  async () => {
    const { tried, answered, refused, failures } = await soak("leaks");
    expect({ tried, answered, refused }).toEqual({ tried: 4, answered: 2, refused: 2 });
    expect(failures).toMatchObject([{ kind: "leak", seed: 100, times: 4 }]);
    expect(failures[0]!.details).toContain('"descriptors":1');
  },
);

test.skipIf(!onLinux)(
  "a fault is given up after some failures, and each is told at once",
  async () => {
    const told: number[] = [];
    const { tried, failures } = await soak("no such fault", {
      times: 1_000,
      onFailure: ({ seed }) => told.push(seed),
    });
    expect(tried).toBe(MOST_FAILURES);
    expect(failures).toHaveLength(MOST_FAILURES);
    expect(told).toEqual(failures.map(({ seed }) => seed));
    expect(failures[0]!.details).toContain("There is no fault no such fault");
  },
);
