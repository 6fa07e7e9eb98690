import { expect } from "@std/expect";
import { MemoryPressure } from "../ffi/memory_pressure.ts";
import { FakeNative } from "./support/fake_native.ts";
import { test } from "./support/harness.ts";

function pressureOver(held: { bytes: number }) {
  const native = new FakeNative();
  return { native, pressure: new MemoryPressure(native, () => held.bytes) };
}

function wait(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

test("a consumer that holds little is left alone", () => {
  const { native, pressure } = pressureOver({ bytes: 25 });
  expect(pressure.relieve(25, 100)).toBe(null);
  expect(native.collected).toBe(0);
});

test("what was released since the last batch counts as released", () => {
  const { native, pressure } = pressureOver({ bytes: 0 });
  expect(pressure.relieve(90, 100)).toBe(null);
  expect(native.collected).toBe(0);
});

test("a consumer that holds much has garbage collected, and finalizers get their turn", async () => {
  const { native, pressure } = pressureOver({ bytes: 60 });
  const relief = pressure.relieve(60, 100);
  expect(relief).toBeInstanceOf(Promise);
  await relief;
  expect(native.collected).toBe(1);
});

test("collections that give nothing back become rare, those that do stay frequent", async () => {
  for (const gives of [true, false]) {
    const held = { bytes: 60 };
    const { native, pressure } = pressureOver(held);
    const endsAt = performance.now() + 200;
    while (performance.now() < endsAt) {
      held.bytes = 60;
      const relief = pressure.relieve(60, 100);
      if (gives) held.bytes = 0;
      await relief;
      await wait(1);
    }
    if (gives) expect(native.collected).toBeGreaterThan(12);
    else expect(native.collected).toBeLessThan(10);
  }
});

test("a pull that stalls has garbage collected as soon as anything is held", async () => {
  const held = { bytes: 0 };
  const { native, pressure } = pressureOver(held);
  expect(pressure.relieveStall()).toBe(null);
  held.bytes = 1;
  await pressure.relieveStall();
  expect(native.collected).toBe(1);
});
