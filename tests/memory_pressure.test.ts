import { expect } from "@std/expect";
import { MemoryPressure } from "../ffi/memory_pressure.ts";
import { FakeNative } from "./support/fake_native.ts";
import { test } from "./support/harness.ts";

const MB = 1e6;
const limitBytes = 64 * MB;

/** A consumer that drops batches of 2 MB, and a collector that frees what it is said to. */
class Consumer {
  held = 0;
  readonly native = new FakeNative();
  readonly pressure = new MemoryPressure(this.native, () => this.held);

  constructor({ youngFrees = 0, allFrees = 0 } = {}) {
    const { native } = this;
    native.collectYoung = () => {
      native.collectedYoung++;
      this.held *= 1 - youngFrees;
    };
    native.collectAll = () => {
      native.collectedAll++;
      this.held *= 1 - allFrees;
    };
  }

  async take(batches: number): Promise<number> {
    let most = 0;
    for (let batch = 0; batch < batches; batch++) {
      this.held += 2 * MB;
      most = Math.max(most, this.held);
      await this.pressure.relieve({ bytes: 2 * MB, heldBytes: this.held, limitBytes });
    }
    return most;
  }
}

test("a consumer that holds little is left alone", async () => {
  const consumer = new Consumer();
  const { native } = consumer;
  await consumer.take(8);
  expect([native.collectedYoung, native.collectedAll]).toEqual([0, 0]);
});

test("what was released since the last batch counts as released", () => {
  const { native, pressure } = new Consumer();
  expect(pressure.relieve({ bytes: 2 * MB, heldBytes: 60 * MB, limitBytes })).toBe(null);
  expect(native.collectedYoung).toBe(0);
});

test("young garbage is collected once for each eighth of the limit, and that is enough", async () => {
  const consumer = new Consumer({ youngFrees: 0.9 });
  const most = await consumer.take(400);
  // 800 MB, of which 8 MB at least lie between two collections.
  expect(consumer.native.collectedYoung).toBeLessThanOrEqual(100);
  expect(consumer.native.collectedYoung).toBeGreaterThan(40);
  expect(consumer.native.collectedAll).toBe(0);
  expect(most).toBeLessThanOrEqual(limitBytes / 2);
});

test("garbage that has grown old is collected before copies are needed", async () => {
  const consumer = new Consumer({ youngFrees: 0.2, allFrees: 0.9 });
  const most = await consumer.take(400);
  expect(consumer.native.collectedAll).toBeGreaterThan(10);
  expect(most).toBeLessThanOrEqual(limitBytes / 2);
});

test("a consumer that keeps its batches isn't pestered with collections", async () => {
  const consumer = new Consumer();
  await consumer.take(2_000);
  expect(consumer.native.collectedAll).toBeLessThanOrEqual(2);
});

test("a collection that takes longer than copies would is put off", async () => {
  const consumer = new Consumer({ allFrees: 0.5 });
  const { collectAll } = consumer.native;
  consumer.native.collectAll = () => {
    const endsAt = performance.now() + 30;
    while (performance.now() < endsAt);
    collectAll();
  };
  await consumer.take(1_000);
  expect(consumer.native.collectedAll).toBeLessThanOrEqual(2);
});

test("a pull that stalls has garbage collected as soon as anything is held", async () => {
  const consumer = new Consumer();
  expect(consumer.pressure.relieveStall()).toBe(null);
  consumer.held = 1;
  const relief = consumer.pressure.relieveStall();
  expect(relief).toBeInstanceOf(Promise);
  await relief;
  expect(consumer.native.collectedAll).toBe(1);
});
