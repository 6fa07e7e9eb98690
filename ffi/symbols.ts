/**
 * The native library's exports: the one table that both drivers bind.
 *
 * @module
 */

/** The version of the table: the library tells its own, and a mismatch is refused. */
export const abiVersion = 7;

/** How an export is called. Counts travel as `f64`, which is exact to 2^53, so none is a BigInt. */
export interface Signature {
  readonly parameters: readonly ("buffer" | "f64" | "pointer" | "u32")[];
  readonly result: "i32" | "u32" | "void";
}

/** Every export of the library. */
export const symbols = {
  spw_abi_version: { parameters: [], result: "u32" },
  spw_configure: { parameters: ["u32"], result: "i32" },
  spw_scan_open: { parameters: ["u32", "buffer", "u32"], result: "u32" },
  spw_scan_ready: { parameters: ["u32"], result: "i32" },
  spw_scan_next: { parameters: ["u32", "f64", "buffer", "u32"], result: "i32" },
  spw_scan_wait: { parameters: ["u32", "f64"], result: "i32" },
  spw_scan_cancel: { parameters: ["u32"], result: "i32" },
  spw_scan_close: { parameters: ["u32"], result: "i32" },
  spw_handle_reserve: { parameters: ["buffer", "u32"], result: "u32" },
  spw_ballast: { parameters: ["f64", "buffer", "u32"], result: "i32" },
  spw_scan_stats: { parameters: ["u32", "buffer", "u32"], result: "i32" },
  spw_input_open: { parameters: ["u32", "u32"], result: "u32" },
  spw_input_push: { parameters: ["u32", "buffer", "u32"], result: "i32" },
  spw_input_end: { parameters: ["u32"], result: "i32" },
  spw_text: { parameters: ["u32", "u32", "buffer", "u32"], result: "u32" },
  spw_buffer_free: { parameters: ["pointer", "pointer"], result: "void" },
  spw_file_open: { parameters: ["u32", "buffer", "u32"], result: "u32" },
  spw_transform_open: { parameters: ["u32", "buffer", "u32", "buffer", "u32"], result: "u32" },
  spw_transform_apply: {
    parameters: ["u32", "buffer", "u32", "buffer", "u32"],
    result: "i32",
  },
  spw_sink_open: { parameters: ["u32", "buffer", "u32", "buffer", "u32"], result: "u32" },
  spw_sink_write: { parameters: ["u32", "buffer", "u32"], result: "i32" },
  spw_sink_finish: { parameters: ["u32"], result: "i32" },
  spw_sink_abort: { parameters: ["u32"], result: "i32" },
  spw_sink_ready: { parameters: ["u32", "u32"], result: "i32" },
  spw_sink_wait: { parameters: ["u32", "u32", "f64"], result: "i32" },
  spw_sink_take: { parameters: ["u32", "buffer", "u32"], result: "i32" },
  spw_real_path: { parameters: ["buffer", "u32", "buffer", "u32"], result: "u32" },
  spw_path_kinds: { parameters: ["buffer", "u32", "buffer", "u32"], result: "u32" },
  spw_memory: { parameters: ["buffer", "u32"], result: "i32" },
  spw_memory_track: { parameters: ["f64"], result: "i32" },
  spw_memory_set_limit: { parameters: ["f64"], result: "i32" },
} as const satisfies Record<string, Signature>;

type Argument<Parameter> = Parameter extends "buffer"
  ? Uint8Array<ArrayBuffer> | Float64Array<ArrayBuffer>
  : number;

type Arguments<Parameters extends readonly unknown[]> = {
  -readonly [Index in keyof Parameters]: Argument<Parameters[Index]>;
};

type Call<Parameters extends readonly unknown[], Result> = (
  ...args: Arguments<Parameters>
) => Result extends "void" ? void : number;

/** The exports as JavaScript calls them. */
export type Calls = {
  readonly [Name in keyof typeof symbols]: Call<
    (typeof symbols)[Name]["parameters"],
    (typeof symbols)[Name]["result"]
  >;
};

/** What `spw_scan_next` and `spw_transform_apply` found. */
export const outcome = { empty: 0, batch: 1, end: 2, grow: 3, unchanged: 4, error: -1 } as const;

/** What `spw_sink_ready` and `spw_sink_wait` are asked for. */
export const sinkEvent = { room: 1, bytes: 2, end: 3 } as const;

/** What became of bytes that were pushed. */
export const pushed = { full: 0, taken: 1, over: 2, error: -1 } as const;

/** What `spw_text` is asked for. */
export const text = {
  error: 1,
  schema: 2,
  plan: 3,
  file: 4,
  decisions: 5,
  pruning: 6,
  files: 7,
  summary: 8,
} as const;
