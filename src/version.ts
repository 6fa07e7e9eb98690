/**
 * The version of Spillway, which the native library's file name carries.
 *
 * @module
 */

/** The same as in deno.json, package.json and Cargo.toml: a test compares them. */
export const version = "0.1.0";
