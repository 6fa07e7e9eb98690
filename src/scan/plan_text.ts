/**
 * A plan as text for people.
 *
 * @module
 */
import { formatBytes } from "../memory/parse_bytes.ts";
import { printable } from "../printable.ts";
import type { PlannedLane, PlannedRowGroup, PrunedRowGroup, ScanPlanData } from "./scan_plan.ts";

/** Kinds of metadata, in the order in which they are asked. */
const kinds: readonly [NonNullable<PrunedRowGroup["skippedBy"]>, name: string][] = [
  ["statistics", "statistics"],
  ["bloomFilter", "bloom filter"],
  ["dictionary", "dictionary"],
  ["pageIndex", "page index"],
];

/**
 * Writes a plan: a line for each fact and each column, never one for each row group.
 *
 * @param plan The plan.
 * @returns Its lines.
 */
export function planText(plan: ScanPlanData): string {
  const { rowGroups, lanes, filter, tested } = plan;
  const read = rowGroups.filter(({ skipped }) => skipped === null);
  const width = Math.max(...lanes.map(({ column }) => column.length), 0);
  const lane = ({ column, given, compressedBytes, estimatedBytes }: PlannedLane) =>
    `${column.padEnd(width)}  ${sizes(compressedBytes, estimatedBytes)}` +
    (tested.includes(column) ? given ? ", tested" : ", only tested" : "");
  const lookedAt = filter === null ? "" : " looked at";
  return [
    `Scan of ${filesText(plan)} (${plan.io})`,
    ...leftOut(plan),
    ...filter === null ? [] : [line("where", filter)],
    ...steps(plan),
    ...plan.rows === null
      ? []
      : [line("rows", `${count(plan.rows)}${lookedAt}, in ${ofRowGroups(read.length, plan)}`)],
    ...pruned(plan),
    ...skipped(rowGroups),
    line("bytes", sizes(plan.compressedBytes, plan.estimatedBytes)),
    line("memory", `${formatBytes(plan.memoryLimitBytes)} at most`),
    line(
      "parallel",
      `${plan.activeSegments} of ${plan.segments.length} segments at once, ` +
        `${lanes.length} columns, ${plan.threads} threads`,
    ),
    ...lanes.map((each) => line("column", lane(each))),
  ].map((line) => printable(line, Infinity)).join("\n");
}

function filesText({ path, files }: ScanPlanData): string {
  return files.length === 1 ? path : `${count(files.length)} files, the first ${path}`;
}

/** Why files aren't read. */
function leftOut({ files }: ScanPlanData): string[] {
  if (files.length < 2) return [];
  const reasons = new Map<string, number>();
  for (const { skipped } of files) {
    if (skipped !== null) reasons.set(skipped, (reasons.get(skipped) ?? 0) + 1);
  }
  return [...reasons].map(([reason, some]) =>
    line("left out", `${count(some)} of ${count(files.length)} files: ${reason}`)
  );
}

/** The steps in their order. What they test is in a line of its own. */
function steps({ steps }: ScanPlanData): string[] {
  if (steps.length === 0) return [];
  return [line("steps", steps.map((step) => step.replace(/^where .*/s, "where")).join(", then "))];
}

/** What each kind of metadata decided. */
function pruned(plan: ScanPlanData): string[] {
  const { pruning, rowGroups } = plan;
  if (pruning === null) return [];
  const lines = kinds.flatMap(([kind, name]) => {
    const by = rowGroups.filter(isSkippedBy(kind));
    if (by.length === 0) return [];
    const reason = by[0]?.pruned?.because ?? "no row can pass";
    const others = by.length > 1 ? ` (and ${count(by.length - 1)} more)` : "";
    return [line("pruned", `${ofRowGroups(by.length, plan)} by ${name}: ${reason}${others}`)];
  });
  const { pages, pagesSkipped, rows } = pruning.pageIndex;
  if (pages > 0) {
    const skipped = `${count(pagesSkipped)} of ${count(pages)} pages`;
    lines.push(line("pages", `${skipped} skipped by page index, ${count(rows)} rows`));
  }
  const { rowGroupsKnown, rowsKnown } = pruning;
  if (rowGroupsKnown > 0) {
    const groups = rowGroupsKnown === 1 ? "row group passes" : "row groups pass";
    lines.push(line("known", `${count(rowGroupsKnown)} ${groups} whole, ${count(rowsKnown)} rows`));
  }
  return lines;
}

/** Why row groups aren't read that no predicate has decided about. */
function skipped(rowGroups: readonly PlannedRowGroup[]): string[] {
  const reasons = new Map<string, number>();
  for (const { skipped, pruned } of rowGroups) {
    if (skipped === null || (pruned?.skippedBy ?? null) !== null) continue;
    reasons.set(skipped, (reasons.get(skipped) ?? 0) + 1);
  }
  return [...reasons].map(([reason, groups]) =>
    line("skipped", `${count(groups)} row groups: ${reason}`)
  );
}

function isSkippedBy(kind: PrunedRowGroup["skippedBy"]): (rowGroup: PlannedRowGroup) => boolean {
  return ({ pruned }) => pruned?.skippedBy === kind;
}

function ofRowGroups(some: number, { rowGroups }: ScanPlanData): string {
  return `${count(some)} of ${count(rowGroups.length)} row groups`;
}

function sizes(compressedBytes: number, estimatedBytes: number): string {
  return `${formatBytes(compressedBytes)} compressed, about ${formatBytes(estimatedBytes)} decoded`;
}

function line(name: string, text: string): string {
  return `  ${name.padEnd(12)}${text}`;
}

function count(value: number): string {
  return value.toLocaleString("en-US");
}
