/**
 * Constants that numbers of any type are compared with.
 *
 * @module
 */
import fc from "fast-check";
import type { NumberKind } from "./number_kind.ts";
import {
  amongDecimals,
  type Constant,
  type DecimalConstant,
  decimalConstant,
  floatConstant,
  integerConstant,
} from "./predicate_constants.ts";
import { doubles, halves, integers } from "./predicate_values.ts";

/** A constant for each kind of number: it is not known yet which the number is of. */
export interface NumberConstant {
  readonly integer: Constant;
  readonly float: Constant;
  readonly decimal: DecimalConstant;
}

/** Any constants. */
export const numberConstant: fc.Arbitrary<NumberConstant> = fc.record({
  integer: integerConstant(
    fc.oneof(...[8, 16, 32, 64].flatMap((bits) => [integers(bits, true), integers(bits, false)])),
  ),
  float: floatConstant(fc.oneof(doubles, halves, doubles.map(Math.fround))),
  decimal: decimalConstant(fc.oneof(
    fc.bigInt({ min: -999n, max: 999n }),
    fc.bigInt({ min: -(10n ** 15n), max: 10n ** 15n }),
    fc.constantFrom(...[9n, 12n, 15n, 20n, 38n].flatMap((digits) => [
      10n ** digits - 1n,
      1n - 10n ** digits,
      10n ** digits,
    ])),
  )),
});

/** The constant that stands beside a number. */
export function besideNumber(
  constants: NumberConstant,
  { kind }: { readonly kind: NumberKind },
): Constant {
  return kind.is === "decimal" ? amongDecimals(constants.decimal, kind.scale) : constants[kind.is];
}
