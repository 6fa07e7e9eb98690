/**
 * What the rest of Spillway sees of the native library and of the runtime it is loaded into.
 *
 * @module
 */
import type { Calls } from "./symbols.ts";

/** Makes an `ArrayBuffer` of native memory. */
export type Adopt = (address: number, byteLength: number, slot: number) => ArrayBuffer | undefined;

/** Where a path leads once its links are followed; `null` where it can't be followed. */
export type RealPath = (path: string) => string | null;

/** The native library, loaded: both drivers implement it. */
export interface Native {
  /** The exports. */
  readonly calls: Calls;
  /**
   * Makes an `ArrayBuffer` that owns native memory, so that it can't dangle, whoever holds it and
   * wherever it is transferred to: the memory is freed when its last holder is collected.
   *
   * `null` where the runtime can't, and `undefined` where it failed to: batches are copies then.
   */
  readonly adopt: Adopt | null;
  /** Copies native memory into memory that JavaScript owns, and gives the native memory back. */
  copy(address: number, byteLength: number, slot: number): ArrayBuffer;
  /**
   * Where the bytes of a buffer are. Good for as long as the buffer is referred to and nothing but
   * one synchronous call happens: it must not be empty.
   */
  addressOf(buffer: ArrayBuffer): number;
  /**
   * Waits, without blocking the event loop, until `spw_scan_next` has something to say other than
   * `empty`, or `spw_input_push` other than `full`: resolves to `false` where the time ran out
   * first.
   */
  wait(handle: number, timeoutMs: number): Promise<boolean>;
  /** Waits, without blocking the event loop, until `spw_sink_ready` has something to say. */
  waitForSink(handle: number, event: number, timeoutMs: number): Promise<boolean>;
  /** Hints at the weight of what was adopted; called once a batch, so it must cost next to nothing. */
  weigh(): void;
  /**
   * Something for a stream to hold while it runs, where that makes the collector run as often as
   * the stream's limit needs and no oftener.
   */
  ballast(limitBytes: number): ArrayBuffer | null;
  /** Has young garbage collected, in well under a millisecond, where the runtime can be moved to. */
  collectYoung(): void;
  /** Has all garbage collected. */
  collectAll(): void;
}

/** A runtime: where libraries are found, and how they are loaded. */
export interface Runtime {
  /** `linux`, `darwin` or `windows`. */
  readonly os: string;
  /** `x86_64` or `aarch64`. */
  readonly arch: string;
  /** An environment variable, or `undefined` where it is unset or may not be read. */
  environment(name: string): string | undefined;
  /** Whether a file is there; `false` also where that may not be known. */
  exists(path: string): boolean;
  /**
   * Whether native code may be loaded, and its file be read.
   *
   * @throws {PermissionDeniedError} Where it may not.
   */
  assertMayLoad(path: string): void;
  /**
   * Whether a data file may be read. Native code isn't held back by the runtime's sandbox, so the
   * sandbox's rule is checked before, also of where links lead.
   *
   * @throws {PermissionDeniedError} Where it may not.
   */
  assertMayRead(path: string, realPath: RealPath): void;
  /**
   * Whether a file or a folder may be written.
   *
   * @throws {PermissionDeniedError} Where it may not.
   */
  assertMayWrite(path: string, realPath: RealPath): void;
  /** Whether every file below a folder may be read; every file there is, where none is given. */
  mayReadBelow(folder?: string): boolean;
  /** Loads a library. It is never closed: memory that it gave may live as long as the process. */
  load(path: string): Native;
}
