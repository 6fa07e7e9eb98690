/**
 * What `@std/expect` means to Bun (by `paths` in tsconfig.json): the runner's own `expect`, since
 * npm's, which Deno uses, fails there on its CommonJS named exports.
 *
 * @module
 */
export { expect } from "bun:test";
