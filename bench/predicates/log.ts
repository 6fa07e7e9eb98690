/**
 * What is asked of a service's log when something is wrong.
 *
 * @module
 */

import type { Predicate } from "./predicate.ts";
import type { Checksum, Question } from "./question.ts";

const status: Checksum = { column: "status", of: "integers" };
const message: Checksum = { column: "message", of: "bytes" };
const line = ["ts", "level", "host", "status", "latency", "message"] as const;

/** Eight predicates over levels, moments, hosts, codes, latencies and messages. */
export const logQuestions: readonly Question[] = [
  {
    name: "log: errors",
    columns: line,
    checksum: message,
    predicate: { test: "eq", column: "level", value: "ERROR" },
  },
  {
    name: "log: an hour",
    columns: line,
    checksum: message,
    predicate: within("2026-03-05T14:00:00Z", "2026-03-05T15:00:00Z"),
  },
  {
    name: "log: server errors",
    columns: ["ts", "host", "status"],
    checksum: status,
    predicate: { test: "ge", column: "status", value: 500 },
  },
  {
    name: "log: slow requests",
    columns: ["ts", "status", "latency", "message"],
    checksum: status,
    predicate: { test: "gt", column: "latency", value: 500 },
  },
  {
    name: "log: out of memory",
    columns: line,
    checksum: message,
    predicate: { test: "contains", column: "message", text: "out of memory" },
  },
  {
    name: "log: trouble of three hosts",
    columns: line,
    checksum: message,
    predicate: all(
      { test: "in", column: "host", values: ["web-03", "web-17", "web-29"] },
      { test: "in", column: "level", values: ["WARN", "ERROR", "FATAL"] },
    ),
  },
  {
    name: "log: missing orders",
    columns: ["ts", "host", "message"],
    checksum: message,
    predicate: all(
      { test: "startsWith", column: "message", text: "GET /api/orders/" },
      { test: "eq", column: "status", value: 404 },
    ),
  },
  {
    name: "log: a host's background jobs",
    columns: ["ts", "level", "message"],
    checksum: message,
    predicate: all(
      { test: "isNull", column: "status" },
      { test: "eq", column: "host", value: "web-02" },
      within("2026-03-06T00:00:00Z", "2026-03-07T00:00:00Z"),
    ),
  },
];

function all(...parts: readonly Predicate[]): Predicate {
  return { test: "and", parts };
}

function within(from: string, until: string): Predicate {
  return all(
    { test: "ge", column: "ts", value: { instant: from } },
    { test: "lt", column: "ts", value: { instant: until } },
  );
}
