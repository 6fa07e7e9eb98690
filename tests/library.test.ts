import { expect } from "@std/expect";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { LibraryNotFoundError, LibraryVersionError, PermissionDeniedError } from "spillway";
import { loadFrom } from "../ffi/library.ts";
import type { Native, Runtime } from "../ffi/native.ts";
import { abiVersion, type Calls } from "../ffi/symbols.ts";
import { version } from "../src/version.ts";
import { FakeNative } from "./support/fake_native.ts";
import { test } from "./support/harness.ts";

const prebuilt = fileURLToPath(
  new URL(`../ffi/prebuilt/linux-x86_64/libspillway-${version}.so`, import.meta.url),
);

/** A runtime with one file, which is a library of the given ABI version. */
function runtimeWith(file: string | null, changes: Partial<Runtime> = {}, abi = abiVersion) {
  const loaded: string[] = [];
  const calls = { spw_abi_version: () => abi } as unknown as Calls;
  const runtime: Runtime = {
    os: "linux",
    arch: "x86_64",
    environment: () => undefined,
    exists: (path) => path === file,
    assertMayLoad() {},
    assertMayRead() {},
    assertMayWrite() {},
    mayReadBelow: () => true,
    load(path): Native {
      loaded.push(path);
      return Object.assign(new FakeNative(), { calls });
    },
    ...changes,
  };
  return { runtime, loaded };
}

test("the environment's library comes before the prebuilt one", () => {
  const { runtime, loaded } = runtimeWith("/opt/libspillway.so", {
    environment: (name) => name === "SPILLWAY_LIBRARY" ? "/opt/libspillway.so" : undefined,
  });
  loadFrom(runtime);
  expect(loaded).toEqual(["/opt/libspillway.so"]);
});

test("a prebuilt library is looked for by system, processor and version", () => {
  const linux = runtimeWith(prebuilt);
  loadFrom(linux.runtime);
  expect(linux.loaded).toEqual([prebuilt]);

  for (
    const [os, arch, name] of [
      ["darwin", "aarch64", `libspillway-${version}.dylib`],
      ["windows", "x86_64", `libspillway-${version}.dll`],
    ] as const
  ) {
    let asked = "";
    const exists = (path: string) => {
      asked = path;
      return true;
    };
    loadFrom(runtimeWith(null, { os, arch, exists }).runtime);
    expect(asked.replaceAll("\\", "/").endsWith(`ffi/prebuilt/${os}-${arch}/${name}`)).toBe(true);
  }
});

test("a library that is nowhere says where it was looked for and how to build it", () => {
  expect(() => loadFrom(runtimeWith(null).runtime)).toThrow(LibraryNotFoundError);
  expect(() => loadFrom(runtimeWith(null).runtime)).toThrow(prebuilt);
  expect(() => loadFrom(runtimeWith(null).runtime)).toThrow(/deno task build/);
});

test("an environment variable that names nothing isn't passed over", () => {
  const { runtime } = runtimeWith(prebuilt, { environment: () => "/nowhere.so" });
  expect(() => loadFrom(runtime)).toThrow(
    /SPILLWAY_LIBRARY names \/nowhere.so, which is not there/,
  );
});

test("a file that is no library is an error with its cause", () => {
  const cause = new Error("invalid ELF header");
  const { runtime } = runtimeWith(prebuilt, {
    load() {
      throw cause;
    },
  });
  try {
    loadFrom(runtime);
    throw new Error("It was loaded");
  } catch (error) {
    expect(error).toBeInstanceOf(LibraryNotFoundError);
    expect((error as LibraryNotFoundError).cause).toBe(cause);
  }
});

test("a library of another ABI version is refused, by both numbers", () => {
  const { runtime } = runtimeWith(prebuilt, {}, abiVersion + 1);
  expect(() => loadFrom(runtime)).toThrow(LibraryVersionError);
  expect(() => loadFrom(runtime)).toThrow(`ABI version ${abiVersion + 1}`);
});

test("a refusal of the sandbox passes through, before the file is looked for", () => {
  const refusal = new PermissionDeniedError("Run with --allow-ffi");
  const { runtime, loaded } = runtimeWith(null, {
    assertMayLoad() {
      throw refusal;
    },
  });
  expect(() => loadFrom(runtime)).toThrow(refusal);
  expect(loaded).toEqual([]);
});

test("the version is the same wherever it is written", () => {
  const text = (file: string) =>
    readFileSync(fileURLToPath(new URL(`../${file}`, import.meta.url)), "utf8");
  expect(JSON.parse(text("deno.json")).version).toBe(version);
  expect(JSON.parse(text("package.json")).version).toBe(version);
  expect(/^version = "(.*)"$/m.exec(text("rust/Cargo.toml"))?.[1]).toBe(version);
});

test("a library that is named by a relative path is refused, as it would depend on the working directory", () => {
  for (const named of ["libspillway.so", "./libspillway.so", "ffi/prebuilt/libspillway.so"]) {
    const { runtime, loaded } = runtimeWith(named, { environment: () => named });
    expect(() => loadFrom(runtime)).toThrow(`SPILLWAY_LIBRARY is ${named}`);
    expect(() => loadFrom(runtime)).toThrow(LibraryNotFoundError);
    expect(loaded).toEqual([]);
  }
});
