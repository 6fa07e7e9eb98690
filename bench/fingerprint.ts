/**
 * What a complete scan of `lineitem` or `orders` adds up to, whichever library makes it.
 *
 * @module
 */

/** Sums over columns of every physical kind: integers, decimals, dates, strings. */
export interface Fingerprint {
  /** Sum of `l_orderkey` or `o_orderkey` (Int64). */
  orderkey: number;
  /** Sum of `l_linenumber` (Int32). */
  linenumber: number;
  /** Sum of `l_quantity` (Decimal), in hundredths. */
  quantity: number;
  /** Sum of `l_shipdate`, in days since 1970. */
  shipdate: number;
  /** Rows whose `l_returnflag` is "R". */
  returned: number;
  /** Bytes of `l_comment` or `o_comment` (strings of varying length). */
  comment: number;
  /** Sum of `l_extendedprice` or `o_totalprice` (Decimal), in hundredths; not every contender adds it up. */
  price: number;
}

/** The sums that a scan must give: those of the columns that it reads. */
export type ExpectedSums = Readonly<Partial<Fingerprint>>;

/** The sums over no rows. */
export function noFingerprint(): Fingerprint {
  return {
    orderkey: 0,
    linenumber: 0,
    quantity: 0,
    shipdate: 0,
    returned: 0,
    comment: 0,
    price: 0,
  };
}

/**
 * Throws unless the sums are the expected ones.
 *
 * @throws {Error} Naming the first sum that differs.
 */
export function assertFingerprint(who: string, actual: Fingerprint, expected: ExpectedSums): void {
  for (const name of Object.keys(expected) as (keyof Fingerprint)[]) {
    if (actual[name] !== expected[name]) {
      throw new Error(`${who}: the sum ${name} is ${actual[name]} instead of ${expected[name]}`);
    }
  }
}
