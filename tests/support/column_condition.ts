/**
 * Columns beside constants: the predicates that are decided without a look at the values, too.
 *
 * @module
 */
import fc from "fast-check";
import { col, lit } from "spillway";
import { textColumns, textConstant } from "./any_text.ts";
import { timeColumns, timeConstant } from "./any_time.ts";
import { asIs, type Comparable, comparisons, type Condition, condition } from "./condition.ts";
import { floatColumns, numberColumns } from "./number_columns.ts";
import { besideNumber, numberConstant } from "./number_constant.ts";
import { at, type Constant } from "./predicate_constants.ts";
import { blobs, zeros } from "./predicate_values.ts";
import { blob, double, quoted } from "./sql.ts";

const comparable = (name: string, sql = name): Comparable => ({ expression: col(name), sql });

const anyBytes: fc.Arbitrary<Constant> = fc.oneof(
  blobs,
  fc.array(fc.constantFrom(0, 1, 97, 254, 255), { minLength: 2, maxLength: 4 }).map((bytes) =>
    Uint8Array.from(bytes)
  ),
  fc.tuple(fc.constantFrom(0, 1, 127, 128, 255), fc.integer({ min: 15, max: 17 }))
    .map(([byte, length]) => new Uint8Array(length).fill(byte)),
).map((bytes) => at(bytes, blob(bytes)));

/** Text of a time of day. */
const timeOfDay: fc.Arbitrary<Constant> = fc.oneof(
  fc.constantFrom(0, 1, 999, 1_000, 86_399_999_999),
  fc.integer({ min: 0, max: 86_399 }).map((seconds) => seconds * 1_000_000),
).map((micros) => {
  const text = new Date(Math.floor(micros / 1_000)).toISOString().slice(11, 23);
  const literal = text + String(micros % 1_000).padStart(3, "0");
  return at(literal, `TIME ${quoted(literal)}`);
});

const uuidBytes = "unhex(replace(uuid::VARCHAR, '-', ''))";

/** Any column beside constants. */
export const columnCondition: fc.Arbitrary<Condition> = fc.oneof(
  {
    weight: 18,
    arbitrary: comparisons(fc.constantFrom(...numberColumns), numberConstant, besideNumber),
  },
  {
    weight: 4,
    arbitrary: comparisons(
      fc.constantFrom(...floatColumns),
      zeros.map((zero) => at(zero, double(zero))),
      asIs,
    ),
  },
  { weight: 4, arbitrary: comparisons(fc.constantFrom(...textColumns), textConstant, asIs) },
  { weight: 8, arbitrary: comparisons(fc.constantFrom(...timeColumns), timeConstant, asIs) },
  {
    weight: 3,
    arbitrary: comparisons(
      fc.constantFrom<Comparable>(
        comparable("blob"),
        comparable("code"),
        // Compared as bytes, which may be of any number.
        comparable("uuid", uuidBytes),
        { expression: col("uuid").cast("binary"), sql: uuidBytes },
        { expression: col("text").cast("binary"), sql: "encode(text)" },
      ),
      anyBytes,
      asIs,
    ),
  },
  {
    weight: 2,
    arbitrary: comparisons(
      fc.constantFrom(comparable("time"), comparable("clock")),
      timeOfDay,
      asIs,
    ),
  },
  {
    weight: 2,
    arbitrary: comparisons(
      fc.constant(comparable("flag")),
      fc.constantFrom(
        at(true, "true"),
        at(false, "false"),
        at("true", "true"),
        at("false", "false"),
      ),
      asIs,
    ),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      condition(col("flag"), "flag"),
      condition(lit(true), "true"),
      condition(lit(false), "false"),
      condition(col("s").isNull(), "(s IS NULL)"),
      condition(col("s").field("in").isNotNull(), "(s['in'] IS NOT NULL)"),
      condition(col("s").field("x").gt(0), "(s['x'] > 0)"),
      condition(col("s").field("in").field("word").eq("7"), "(s['in']['word'] = '7')"),
    ),
  },
);
