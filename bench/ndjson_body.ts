/**
 * How the body of a response is read whole.
 *
 * @module
 */

import { type Fingerprint, noFingerprint } from "./fingerprint.ts";
import type { ScanMode } from "./report_line.ts";

/** What was in a body. */
export interface BodyReport {
  /** The lines, where they were parsed: counting them takes about as long as making them. */
  readonly rows: number;
  readonly bytes: number;
  readonly fingerprint?: Fingerprint;
}

/** Reads a body of JSON lines to its end: counts the bytes, or parses and adds up every line too. */
export async function readBody({ body }: Response, mode: ScanMode): Promise<BodyReport> {
  if (!body) throw new Error("A response without a body");
  let bytes = 0;
  if (mode !== "verify") {
    for await (const chunk of body) bytes += chunk.length;
    return { rows: 0, bytes };
  }
  const fingerprint = noFingerprint();
  let rows = 0;
  let rest = "";
  const decoder = new TextDecoder();
  for await (const chunk of body) {
    bytes += chunk.length;
    const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      const order = JSON.parse(line);
      rows += 1;
      fingerprint.orderkey += Number(order.o_orderkey);
      fingerprint.price += Math.round(Number(order.o_totalprice) * 100);
      // The comments are ASCII, so that characters are bytes.
      fingerprint.comment += order.o_comment.length;
    }
  }
  if (rest !== "") throw new Error(`The last line has no end: ${rest.slice(0, 100)}`);
  return { rows, bytes, fingerprint };
}
