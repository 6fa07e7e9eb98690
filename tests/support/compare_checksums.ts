import type { ColumnChecksum, NestedChecksum, TableChecksum } from "./checksum.ts";
import type { LeafChecksum } from "./leaf_checksum.ts";

/**
 * How near two checksums are, the worse the later.
 *
 * - `same`: equal bit for bit, after bringing units of time together and taking string and binary as one
 * - `lossy`: numerically equal within 1e-9
 * - `repr`: another representation, which the checksum cannot compare
 * - `diff`: other values
 */
export type Verdict = "same" | "lossy" | "repr" | "diff";

/** The worst verdict of all columns, and what is said against those that are not `same`. */
export interface Comparison {
  readonly verdict: Verdict;
  readonly why: readonly string[];
}

type Judged = readonly [Verdict, string];
type Leaf<Kind> = Extract<LeafChecksum, { readonly kind: Kind }>;
type Column = LeafChecksum | NestedChecksum;

const WORSE: readonly Verdict[] = ["same", "lossy", "repr", "diff"];
const SAME: Judged = ["same", ""];
const M64 = (1n << 64n) - 1n;
const NANOSECONDS: Readonly<Record<string, bigint>> = {
  D: 86_400_000_000_000n,
  s: 1_000_000_000n,
  ms: 1_000_000n,
  us: 1_000n,
  ns: 1n,
};

/**
 * Compares two table checksums as the corpus' `checksum.py` does.
 *
 * @param want What it should be
 * @param got What a reader gave
 * @returns The verdict of the worst column
 */
export function compareChecksums(want: TableChecksum, got: TableChecksum): Comparison {
  if (want.rows !== got.rows) {
    return { verdict: "diff", why: [`rows ${got.rows} not ${want.rows}`] };
  }
  if (want.columns.length !== got.columns.length) {
    return { verdict: "diff", why: [`${got.columns.length} columns not ${want.columns.length}`] };
  }
  const byName = new Map(got.columns.map((column) => [column.name, column]));
  const unique = byName.size === got.columns.length &&
    want.columns.every(({ name }) => byName.has(name)) &&
    new Set(want.columns.map(({ name }) => name)).size === want.columns.length;
  let verdict: Verdict = "same";
  const why: string[] = [];
  want.columns.forEach((column, at) => {
    const [said, reason] = compareColumns(
      column,
      unique ? byName.get(column.name)! : got.columns[at]!,
    );
    if (said !== "same") why.push(`${column.name}: ${said}: ${reason}`);
    verdict = worse(verdict, said);
  });
  if (!unique && want.columns.some(({ name }, at) => name !== got.columns[at]!.name)) {
    why.push("column names differ");
  }
  return { verdict, why: why.slice(0, 8) };
}

function compareColumns(want: ColumnChecksum | Column, got: ColumnChecksum | Column): Judged {
  if (want.nulls === null || got.nulls === null) {
    return ["repr", `${want.kind} given as ${got.kind}`];
  }
  if (want.nulls !== got.nulls) return ["diff", `nulls ${got.nulls} not ${want.nulls}`];
  if (want.kind === "nested" && got.kind === "nested") return compareNested(want, got);
  if (want.kind === "temporal" && got.kind === "temporal") return compareTemporal(want, got);
  if (isBytes(want) && isBytes(got)) {
    return compareFields(want, got, ["bytes", "crc32", "len_wsum"]);
  }
  if (want.kind === "float" && got.kind === "float") return compareFloats(want, got);
  if (want.kind === "decimal" && got.kind === "decimal" && want.scale !== got.scale) {
    return compareScaled(want, got);
  }
  if (
    (want.kind === "int" && got.kind === "int") ||
    (want.kind === "decimal" && got.kind === "decimal")
  ) {
    return compareFields(want, got, ["min", "max", "sum", "wsum"]);
  }
  if (want.kind === "bool" && got.kind === "bool") {
    return compareFields(want, got, ["true", "false", "wsum"]);
  }
  if (want.kind === got.kind) return want.kind === "null" ? SAME : ["repr", want.kind];
  if (isNumeric(want) && isNumeric(got)) {
    const near = (["min", "max", "sum"] as const).every((key) =>
      close(numeric(want, key), numeric(got, key))
    );
    return near
      ? ["lossy", `${want.kind} given as ${got.kind}`]
      : ["diff", `${got.kind} not ${want.kind}`];
  }
  return ["repr", `${want.kind} given as ${got.kind}`];
}

function compareNested(want: NestedChecksum, got: NestedChecksum): Judged {
  const paths = Object.keys(want.leaves);
  if (
    paths.length !== Object.keys(got.leaves).length || paths.some((path) => !(path in got.leaves))
  ) {
    return ["repr", `leaves ${Object.keys(got.leaves)} not ${paths}`];
  }
  let worst: Judged = SAME;
  for (const path of paths) {
    const wanted = want.leaves[path]!;
    const given = got.leaves[path]!;
    if (wanted.n !== given.n) return ["diff", `${path}: ${given.n} values not ${wanted.n}`];
    const [said, reason] = compareColumns(wanted, given);
    if (worse(worst[0], said) !== worst[0]) worst = [said, `${path}: ${reason}`];
  }
  return worst;
}

function compareTemporal(want: Leaf<"temporal">, got: Leaf<"temporal">): Judged {
  const wantUnit = NANOSECONDS[want.unit]!;
  const gotUnit = NANOSECONDS[got.unit]!;
  let same = true;
  for (const key of ["min", "max", "sum"] as const) {
    const wanted = want[key];
    const given = got[key];
    if ((wanted === null) !== (given === null)) return ["diff", key];
    if (wanted !== null && BigInt(wanted) * wantUnit !== BigInt(given!) * gotUnit) same = false;
  }
  if (same) {
    const moved = ((BigInt(want.wsum) * wantUnit) & M64) !== ((BigInt(got.wsum) * gotUnit) & M64);
    return moved ? ["diff", "wsum"] : SAME;
  }
  const cut = (["min", "max"] as const).every((key) => {
    if (want[key] === null) return false;
    const apart = BigInt(want[key]) * wantUnit - BigInt(got[key]!) * gotUnit;
    return apart < gotUnit && -apart < gotUnit;
  });
  if (gotUnit > wantUnit && cut) return ["lossy", `${want.unit} cut to ${got.unit}`];
  return [
    "diff",
    `min ${got.min}${got.unit} not ${want.min}${want.unit}, max ${got.max} not ${want.max}`,
  ];
}

function compareFloats(want: Leaf<"float">, got: Leaf<"float">): Judged {
  if (want.bits_sum === got.bits_sum && want.bits_wsum === got.bits_wsum) return SAME;
  const counted = want.nan === got.nan && want.inf === got.inf && want.ninf === got.ninf;
  if (counted && (["min", "max", "sum"] as const).every((key) => close(want[key], got[key]))) {
    return ["lossy", "bits differ"];
  }
  return [
    "diff",
    `min ${got.min} max ${got.max} sum ${got.sum} not ${want.min} ${want.max} ${want.sum}`,
  ];
}

function compareScaled(want: Leaf<"decimal">, got: Leaf<"decimal">): Judged {
  const apart = got.scale - want.scale;
  const up = 10n ** BigInt(Math.max(apart, 0));
  const down = 10n ** BigInt(Math.max(-apart, 0));
  for (const key of ["min", "max", "sum"] as const) {
    const wanted = want[key];
    const given = got[key];
    if ((wanted === null) !== (given === null)) return ["diff", key];
    if (wanted !== null && BigInt(wanted) * up !== BigInt(given!) * down) return ["diff", key];
  }
  return SAME;
}

function compareFields<Key extends string>(
  want: Readonly<Record<Key, unknown>>,
  got: Readonly<Record<Key, unknown>>,
  keys: readonly Key[],
): Judged {
  for (const key of keys) {
    if (want[key] !== got[key]) return ["diff", `${key} ${got[key]} not ${want[key]}`];
  }
  return SAME;
}

function isBytes(column: Column): column is Leaf<"string" | "binary"> {
  return column.kind === "string" || column.kind === "binary";
}

function isNumeric(column: Column): column is Leaf<"int"> | Leaf<"float"> | Leaf<"decimal"> {
  return column.kind === "int" || column.kind === "float" || column.kind === "decimal";
}

function numeric(
  column: Leaf<"int"> | Leaf<"float"> | Leaf<"decimal">,
  key: "min" | "max" | "sum",
): string | null {
  const value = column[key];
  return value !== null && column.kind === "decimal"
    ? String(Number(value) * 10 ** -column.scale)
    : value;
}

function close(a: string | null, b: string | null): boolean {
  if (a === null || b === null || a === b) return a === b;
  const [x, y] = [Number(a), Number(b)];
  if (x === y) return true;
  if (!Number.isFinite(x) || !Number.isFinite(y)) return false;
  return Math.abs(x - y) <= Math.max(1e-9 * Math.max(Math.abs(x), Math.abs(y)), 1e-9);
}

function worse(a: Verdict, b: Verdict): Verdict {
  return WORSE.indexOf(b) > WORSE.indexOf(a) ? b : a;
}
