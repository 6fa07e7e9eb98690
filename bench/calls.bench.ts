/**
 * What single calls across the boundary cost: run by `deno task bench:calls`.
 *
 * @module
 */

import { native } from "../ffi/library.ts";

const { calls } = native();
const numbers = new Float64Array(32);

Deno.bench("call without arguments", { group: "calls", baseline: true }, () => {
  calls.spw_abi_version();
});

Deno.bench("call with a handle and a number", { group: "calls" }, () => {
  calls.spw_scan_wait(0, 0);
});

Deno.bench("call that fills a buffer", { group: "calls" }, () => {
  calls.spw_scan_stats(0, numbers, numbers.length);
});
