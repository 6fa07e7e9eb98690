import { native } from "../../ffi/library.ts";
import { OwnedHandle } from "../../ffi/owned_handle.ts";
import { outcome, symbols, text } from "../../ffi/symbols.ts";
import { scanParquet } from "spillway";
import { fixture } from "../../tests/support/fixtures.ts";
import { expectSequences } from "../../tests/support/sequence.ts";
import type { Fault } from "../fault.ts";
import type { Random } from "../random.ts";

/** What takes numbers and buffers whose lengths are told, so that no value of theirs may do harm. */
type Call = keyof typeof symbols;

/** What would change the process for all others, and what gives or is given addresses, whose truth nobody can check. */
const leftOut: ReadonlySet<Call> = new Set<Call>([
  "spw_ballast",
  "spw_buffer_free",
  "spw_configure",
  "spw_handle_reserve",
  "spw_memory_set_limit",
  "spw_memory_track",
  "spw_sink_write",
  "spw_transform_apply",
]);

const calls = (Object.keys(symbols) as Call[]).filter((name) => !leftOut.has(name)) as [
  Call,
  ...Call[],
];

const encoder = new TextEncoder();

/** JSON that opens something, whole or not. Of files that may be written only when this module is there. */
const requests = (): readonly [string, ...string[]] => [
  JSON.stringify({ path: fixture("sequence") }),
  JSON.stringify({ files: [{ path: fixture("sequence") }], limit: 5 }),
  JSON.stringify({ files: [], text: { format: { csv: {} }, pushed: true } }),
  JSON.stringify({ files: [], text: { format: { ndjson: {} }, pushed: true } }),
  JSON.stringify({ files: [], text: { format: { arrow: {} }, pushed: true } }),
  JSON.stringify({ encoder: { format: "ndjson", text: {} } }),
  JSON.stringify({ encoder: { format: "csv", text: {} } }),
  JSON.stringify({ files: [] }),
  JSON.stringify({ path: "" }),
  JSON.stringify({ files: [{ path: fixture("sequence"), rowGroups: [2 ** 52] }] }),
  JSON.stringify([{ where: { call: "not", arguments: [] } }]),
  "[]",
  "{}",
  "",
  "[".repeat(100_000),
  '{"path":"' + "\\ud800" + '"}',
  "\0",
];

/** The exports are called by any order and with any handle, as only a mistake in `ffi/` would. */
export const misusedAbi: Fault = {
  name: "Native calls with stale handles and wrong numbers",
  times: 5_000,
  testTimes: 150,
  async try({ random }) {
    const library = native();
    const owned = Array.from({ length: 4 }, () => new OwnedHandle(library));
    const handles = owned.map(({ handle }) => handle);
    const opened: number[] = [];
    for (let step = random.below(30); step >= 0; step--) {
      const name = random.oneOf(calls);
      const args = symbols[name].parameters.map(() => 0) as unknown[];
      fill(args, name, handles, random);
      const result = Reflect.apply(library.calls[name], undefined, args) as number;
      if (/_open$/.test(name) && result !== 0) opened.push(result);
      if (result === outcome.error) expectError(Number(args[0]));
    }
    for (const handle of [...owned, ...owned]) handle.close();
    // Also of handles that nobody had reserved.
    for (const handle of opened) library.calls.spw_scan_close(handle);
    const [rows] = await expectSequences(scanParquet(fixture("sequence"), { limit: 10 }));
    if (rows !== 10) throw new Error(`Wrong rows: ${rows}`);
    return "refused";
  },
};

/** Gives each buffer its length, which is the one promise that a caller of the exports makes. */
function fill(args: unknown[], name: Call, handles: readonly number[], random: Random): void {
  symbols[name].parameters.forEach((type, at) => {
    if (type === "buffer") {
      const buffer = wantsDoubles(name)
        ? new Float64Array(random.below(40))
        : bytesFor(name, random);
      args[at] = buffer;
      args[at + 1] = buffer.length;
    } else if (type === "f64") {
      args[at] = random.oneOf([NaN, -1, 0, 1, 0.5, Infinity, -Infinity]);
    } else if (symbols[name].parameters[at - 1] !== "buffer") {
      args[at] = at === 0
        ? handleFor(handles, random)
        : random.oneOf([0, 1, 2, 3, 8, 9, 2 ** 32 - 1]);
    }
  });
}

function wantsDoubles(name: Call): boolean {
  return ["spw_memory", "spw_scan_next", "spw_scan_stats", "spw_sink_take"].includes(name);
}

function bytesFor(name: Call, random: Random): Uint8Array<ArrayBuffer> {
  if (name === "spw_text") return new Uint8Array(random.below(5_000));
  const bytes = encoder.encode(random.oneOf(requests()));
  return random.below(4) === 0 ? bytes.slice(0, random.below(bytes.length + 1)) : bytes;
}

function handleFor(handles: readonly number[], random: Random): number {
  const known = handles[random.below(handles.length + 1)];
  return known ?? random.oneOf([0, 2 ** 31, 2 ** 32 - 1]);
}

/** A call that fails says why. */
function expectError(handle: number): void {
  const bytes = new Uint8Array(100_000);
  const length = native().calls.spw_text(handle, text.error, bytes, bytes.length);
  const { code } = JSON.parse(new TextDecoder().decode(bytes.subarray(0, length)));
  if (code === "INTERNAL") {
    throw new Error(`A mistake of ours: ${new TextDecoder().decode(bytes.subarray(0, length))}`);
  }
}
