import type { Random } from "./random.ts";

/** What no argument is, or few are, each made anew. */
const makers: readonly [() => unknown, ...(() => unknown)[]] = [
  () => undefined,
  () => null,
  () => true,
  () => 0,
  () => -0,
  () => -1,
  () => 1.5,
  () => NaN,
  () => Infinity,
  () => 2 ** 31,
  () => 2 ** 32 + 1,
  () => 2 ** 53,
  () => Number.MAX_VALUE,
  () => 10n,
  () => -(2n ** 200n),
  () => "",
  () => "absent",
  () => "\0",
  () => "\ud800",
  () => "../absent/\x1b[2J",
  () => "{a,b",
  () => "x".repeat(100_000),
  () => Symbol("a symbol"),
  () => [],
  () => [null],
  () => ["a", "a"],
  () => [[[]]],
  () => new Array(3),
  () => ({}),
  () => ({ length: 2 ** 40 }),
  () => Object.create(null),
  () => Object.freeze({ columns: 5, signal: "now", where: {}, batchSize: {}, schema: [] }),
  () => ({ then: 5 }),
  () => new Date(NaN),
  () => new Map([[1, 2]]),
  () => new URL("https://example.com/a.parquet"),
  () => new URL("file:///absent/a.parquet"),
  () => new Uint8Array(8),
  () => new DataView(new ArrayBuffer(3), 1),
  () => new Float64Array(new SharedArrayBuffer(16)),
  () => detached(),
  () => () => 5,
  () => class {},
  () => Promise.resolve(5),
  () => AbortSignal.abort(5),
  // One that never ended would be waited for, and rightly.
  () => new ReadableStream({ start: (controller) => controller.close() }),
  () => new WritableStream(),
  () => new TransformStream(),
  () => ReadableStream.from(["no batch"]),
  () => /a/,
  () => Proxy.revocable({}, {}).proxy,
];

function detached(): Uint8Array {
  const bytes = new Uint8Array(8);
  structuredClone(bytes.buffer, { transfer: [bytes.buffer] });
  return bytes;
}

/** A value that a caller may give by mistake, of any type. */
export function wrongValue(random: Random): unknown {
  return random.oneOf(makers)();
}

/** An object with some of these names and a value for each that is wrong, if by chance not for all. */
export function wrongOptions(random: Random, names: readonly [string, ...string[]]): object {
  const count = 1 + random.below(3);
  const entries = Array.from({ length: count }, () => [random.oneOf(names), wrongValue(random)]);
  return Object.fromEntries(entries);
}
