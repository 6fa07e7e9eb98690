/**
 * Dates and timestamps, with SQL that counts nanoseconds since 1970 in 128 bits.
 *
 * @module
 */
import fc from "fast-check";
import { type CastType, col, type Expression } from "spillway";
import { int64, type NumberKind } from "./number_kind.ts";
import type { NumberTerm } from "./number_term.ts";
import { at, type Constant } from "./predicate_constants.ts";
import { instants, milliseconds } from "./predicate_values.ts";
import { hugeint } from "./sql.ts";

/** A date or a timestamp. */
export interface TimeTerm {
  readonly expression: Expression<Date>;
  readonly sql: string;
  /** The nanoseconds that it counts in; none where the writer decides: DuckDB has microseconds. */
  readonly unit: bigint | null;
  /** How far its zone's clocks are ahead of UTC, in nanoseconds. */
  readonly ahead: bigint;
}

const DAY = 86_400_000_000_000n;
const units = { s: 1_000_000_000n, ms: 1_000_000n, us: 1_000n, ns: 1n };

function column(name: string, unit: bigint | null, sql: string): TimeTerm {
  return { expression: col(name), sql, unit, ahead: 0n };
}

const inMicros = (name: string) => `(epoch_us(${name})::HUGEINT * 1000)`;

/** Text that may be a date. */
const read: TimeTerm = {
  expression: col("digits").cast("date"),
  sql: inMicros("TRY_CAST(digits AS DATE)::TIMESTAMP"),
  unit: DAY,
  ahead: 0n,
};

/** The columns of dates and timestamps. */
export const timeColumns: readonly TimeTerm[] = [
  column("day", DAY, inMicros(`"day"::TIMESTAMP`)),
  column("ms", null, inMicros("ms")),
  column("us", units.us, inMicros("us")),
  column("ns", null, inMicros("ns")),
  column("localMs", null, inMicros("localMs")),
  column("localUs", units.us, inMicros("localUs")),
  column("localNs", units.ns, "epoch_ns(localNs)::HUGEINT"),
  column("i96", null, inMicros("i96")),
];

/** The multiple of a unit that is not after a time, as a number of such units. */
function unitsIn(sql: string, unit: bigint): string {
  if (unit === 1n) return sql;
  const one = hugeint(unit);
  return `((${sql} - ((${sql} % ${one}) + ${one}) % ${one}) // ${one})`;
}

interface Target {
  readonly type: CastType;
  readonly unit: bigint;
  readonly ahead: bigint;
}

const castTarget: fc.Arbitrary<Target> = fc.oneof(
  fc.constant<Target>({ type: "date", unit: DAY, ahead: 0n }),
  fc.tuple(
    fc.constantFrom(...Object.keys(units) as (keyof typeof units)[]),
    fc.constantFrom(["", 0n], [",UTC", 0n], [",+02:00", 2n], [",-09:30", -9.5] as const),
  ).map(([unit, [zone, hours]]) => ({
    type: `timestamp(${unit}${zone})` as CastType,
    unit: units[unit],
    ahead: BigInt(Number(hours) * 3_600) * 1_000_000_000n,
  })),
);

function cast(term: TimeTerm, { type, unit, ahead }: Target): TimeTerm {
  const expression = term.expression.cast(type) as Expression<Date>;
  // The day is that of the zone's clocks; to a timestamp, it is the same instant in any zone.
  const local = unit === DAY ? `(${term.sql} + ${hugeint(term.ahead)})` : term.sql;
  const sql = `(TRY_CAST(${unitsIn(local, unit)} AS BIGINT)::HUGEINT * ${hugeint(unit)})`;
  return { expression, sql, unit, ahead };
}

/** Any date or timestamp: a column, or one that is cast once or twice. */
export const anyTime: fc.Arbitrary<TimeTerm> = fc.tuple(
  fc.constantFrom(...timeColumns, read),
  fc.array(castTarget, { maxLength: 2 }),
).map(([term, targets]) => targets.reduce(cast, term));

const int32: NumberKind = { is: "integer", bits: 32, signed: true };

/** The year, month or day of a time, or the number that it is stored as. */
export const anyTimePart: fc.Arbitrary<NumberTerm> = fc.tuple(
  anyTime,
  fc.constantFrom("year", "month", "day", "count"),
).map(([{ expression, sql, unit, ahead }, part]): NumberTerm => {
  if (part === "count") {
    return {
      expression: expression.cast("int64"),
      kind: int64,
      sql: unit === null ? null : unitsIn(sql, unit),
    };
  }
  const micros = unitsIn(`(${sql} + ${hugeint(ahead)})`, 1_000n);
  return {
    expression: expression[part as "year" | "month" | "day"](),
    kind: int32,
    sql: `${part}(make_timestamp(${micros}::BIGINT))::HUGEINT`,
  };
});

/** ISO text of nanoseconds since 1970. */
export function isoText(nanos: bigint): string {
  const rest = ((nanos % units.s) + units.s) % units.s;
  const seconds = (nanos - rest) / units.s;
  return new Date(Number(seconds) * 1_000).toISOString().replace(
    ".000Z",
    `.${String(rest).padStart(9, "0")}Z`,
  );
}

/** What times are compared with: dates of JavaScript, text, and text of a day alone. */
export const timeConstant: fc.Arbitrary<Constant> = fc.oneof(
  {
    weight: 4,
    arbitrary: milliseconds.map((ms) => at(new Date(Number(ms)), hugeint(ms * units.ms))),
  },
  { weight: 4, arbitrary: instants.map((nanos) => at(isoText(nanos), hugeint(nanos))) },
  {
    weight: 2,
    arbitrary: fc.oneof(
      fc.integer({ min: -3, max: 3 }),
      fc.integer({ min: -90_000, max: 90_000 }),
    ).map((day) =>
      at(
        new Date(day * 86_400_000).toISOString().slice(0, 10),
        hugeint(BigInt(day) * DAY),
      )
    ),
  },
);
