/**
 * The driver for Deno: calls by `Deno.dlopen`, memory by Node-API.
 *
 * @module
 */
import process from "node:process";
import { PermissionDeniedError } from "../src/errors.ts";
import { isPathGranted } from "./is_path_granted.ts";
import type { Adopt, Native, Runtime } from "./native.ts";
import { type Calls, symbols } from "./symbols.ts";

/**
 * V8 scavenges when a buffer is allocated while young ones hold twice a semi-space (32 MiB). A
 * buffer of this size that is never touched costs address space only, and counts in full.
 */
const youngNudgeBytes = 32 * 2 ** 20;
/** V8 collects all garbage when buffers weigh half of its largest heap, which has 4 GiB at most. */
const fullNudgeBytes = 3 * 2 ** 30;

interface Addon {
  adopt?: Adopt;
}

/** Deno as a {@linkcode Runtime}. */
export const runtime: Runtime = {
  os: Deno.build.os,
  arch: Deno.build.arch,
  environment(name) {
    // Reading without the permission would prompt in a terminal, and throw elsewhere.
    const granted = isGranted({ name: "env", variable: name });
    return granted ? Deno.env.get(name) : undefined;
  },
  exists(path) {
    if (!isGranted({ name: "read", path })) return false;
    try {
      return Deno.statSync(path).isFile;
    } catch {
      return false;
    }
  },
  assertMayLoad(path) {
    if (isGranted({ name: "ffi", path })) return;
    throw new PermissionDeniedError(
      "Can't load the native library: Deno may not load native code. " +
        "Run with --allow-ffi --allow-read",
    );
  },
  assertMayRead(path) {
    if (isPathGranted("read", path)) return;
    throw new PermissionDeniedError(
      `Can't read ${path}: Deno may not read it. Run with --allow-read, or --allow-read=${path}`,
      { path },
    );
  },
  assertMayWrite(path) {
    if (isPathGranted("write", path)) return;
    throw new PermissionDeniedError(
      `Can't write ${path}: Deno may not write it. Run with --allow-write, or --allow-write=${path}`,
      { path },
    );
  },
  mayReadBelow(folder) {
    const { state, partial } = Deno.permissions.querySync({ name: "read", path: folder });
    return state === "granted" && !partial;
  },
  load,
};

function isGranted(permission: Deno.PermissionDescriptor): boolean {
  return Deno.permissions.querySync(permission).state === "granted";
}

/** What the collector is shown: kept only for as long as it takes V8 to count it. */
const shown: { buffer: ArrayBuffer | null } = { buffer: null };

function load(path: string): Native {
  const library = Deno.dlopen(path, {
    ...symbols,
    wait_elsewhere: {
      name: "spw_scan_wait",
      parameters: symbols.spw_scan_wait.parameters,
      result: symbols.spw_scan_wait.result,
      nonblocking: true,
    },
    wait_for_sink: {
      name: "spw_sink_wait",
      parameters: symbols.spw_sink_wait.parameters,
      result: symbols.spw_sink_wait.result,
      nonblocking: true,
    },
  });
  const { wait_elsewhere: waitElsewhere, wait_for_sink: waitForSink, ...calls } = library.symbols;
  return {
    calls: calls as unknown as Calls,
    adopt: loadAdopt(path),
    copy(address, byteLength, slot) {
      const owned = new ArrayBuffer(byteLength);
      const pointer = Deno.UnsafePointer.create(BigInt(address));
      if (pointer !== null) Deno.UnsafePointerView.copyInto(pointer, owned);
      library.symbols.spw_buffer_free(pointer, Deno.UnsafePointer.create(BigInt(slot)));
      return owned;
    },
    addressOf: (buffer) => Number(Deno.UnsafePointer.value(Deno.UnsafePointer.of(buffer))),
    async wait(handle, timeoutMs) {
      return await waitElsewhere(handle, timeoutMs) !== 0;
    },
    async waitForSink(handle, event, timeoutMs) {
      return await waitForSink(handle, event, timeoutMs) !== 0;
    },
    weigh() {
      // V8 compares external memory with its limit when a buffer is allocated in JavaScript, not
      // when one is adopted: without this, 550 MB of garbage piled up where 36 MB do with it.
      shown.buffer = new ArrayBuffer(8);
    },
    ballast: () => null,
    collectYoung() {
      // The first makes young buffers weigh enough, the second makes V8 look, and scavenge them.
      shown.buffer = new ArrayBuffer(youngNudgeBytes);
      shown.buffer = new ArrayBuffer(8);
    },
    collectAll() {
      try {
        shown.buffer = new ArrayBuffer(fullNudgeBytes);
      } catch {
        // So much can't even be reserved: V8 has collected all garbage before it gave up.
      }
      shown.buffer = null;
    },
  };
}

/** Loads the same library as a Node-API module, which can make buffers that own native memory. */
function loadAdopt(path: string): Adopt | null {
  const module: { exports: Addon } = { exports: {} };
  try {
    process.dlopen(module, path);
  } catch {
    return null;
  }
  return module.exports.adopt ?? null;
}
