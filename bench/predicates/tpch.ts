/**
 * What TPC-H's queries ask of `lineitem`, before joins and aggregates.
 *
 * @module
 */

import type { Predicate } from "./predicate.ts";
import type { Checksum, Question } from "./question.ts";

const price: Checksum = { column: "l_extendedprice", of: "hundredths" };
const order: Checksum = { column: "l_orderkey", of: "integers" };

// The orders of more than 300 pieces, which the inner part of query 18 finds.
// deno-fmt-ignore
const bigOrders = [
  6882, 29158, 502886, 551136, 565574, 735366, 857959, 967334, 983201, 1263015,
  1436544, 1474818, 1481925, 1544643, 1742403, 1845057, 1971680, 2096705, 2199712, 2232932,
  2329187, 2366755, 2662214, 2745894, 2761378, 2806245, 2869152, 2942469, 2995076, 3037414,
  3043270, 3342468, 3767271, 3861123, 3883783, 4134341, 4259524, 4267751, 4290656, 4439686,
  4478371, 4527553, 4702759, 4720454, 4722021, 4739650, 4745607, 4806726, 5007490, 5156581,
  5200102, 5296167, 5489475, 5746311, 5832321, 5849444, 5984582,
];

/** The rows of query 6: discounted lines of one year in small quantities. */
export const forecastRevenue: Question = {
  name: "TPC-H 6",
  columns: ["l_extendedprice", "l_discount"],
  checksum: price,
  predicate: all(
    shippedWithin("1994-01-01", "1995-01-01"),
    {
      test: "between",
      column: "l_discount",
      low: { decimal: "0.05" },
      high: { decimal: "0.07" },
    },
    { test: "lt", column: "l_quantity", value: { decimal: "24" } },
  ),
};

/** Twelve predicates, from 0.002 % to 98 % of the rows. */
export const tpchQuestions: readonly Question[] = [
  {
    name: "TPC-H 1",
    columns: [
      "l_returnflag",
      "l_linestatus",
      "l_quantity",
      "l_extendedprice",
      "l_discount",
      "l_tax",
    ],
    checksum: price,
    predicate: { test: "le", column: "l_shipdate", value: { date: "1998-09-02" } },
  },
  {
    name: "TPC-H 3",
    columns: ["l_orderkey", "l_extendedprice", "l_discount"],
    checksum: price,
    predicate: { test: "gt", column: "l_shipdate", value: { date: "1995-03-15" } },
  },
  {
    name: "TPC-H 4",
    columns: ["l_orderkey"],
    checksum: order,
    predicate: { test: "below", column: "l_commitdate", other: "l_receiptdate" },
  },
  forecastRevenue,
  {
    name: "TPC-H 7",
    columns: ["l_orderkey", "l_suppkey", "l_shipdate", "l_extendedprice", "l_discount"],
    checksum: price,
    predicate: {
      test: "between",
      column: "l_shipdate",
      low: { date: "1995-01-01" },
      high: { date: "1996-12-31" },
    },
  },
  {
    name: "TPC-H 10",
    columns: ["l_orderkey", "l_extendedprice", "l_discount"],
    checksum: price,
    predicate: { test: "eq", column: "l_returnflag", value: "R" },
  },
  {
    name: "TPC-H 12",
    columns: ["l_orderkey", "l_shipmode"],
    checksum: order,
    predicate: all(
      { test: "in", column: "l_shipmode", values: ["MAIL", "SHIP"] },
      { test: "below", column: "l_commitdate", other: "l_receiptdate" },
      { test: "below", column: "l_shipdate", other: "l_commitdate" },
      { test: "ge", column: "l_receiptdate", value: { date: "1994-01-01" } },
      { test: "lt", column: "l_receiptdate", value: { date: "1995-01-01" } },
    ),
  },
  {
    name: "TPC-H 14",
    columns: ["l_partkey", "l_extendedprice", "l_discount"],
    checksum: price,
    predicate: shippedWithin("1995-09-01", "1995-10-01"),
  },
  {
    name: "TPC-H 15",
    columns: ["l_suppkey", "l_extendedprice", "l_discount"],
    checksum: price,
    predicate: shippedWithin("1996-01-01", "1996-04-01"),
  },
  {
    name: "TPC-H 18",
    columns: ["l_orderkey", "l_quantity"],
    checksum: { column: "l_quantity", of: "hundredths" },
    predicate: { test: "in", column: "l_orderkey", values: bigOrders },
  },
  {
    name: "TPC-H 19",
    columns: ["l_partkey", "l_quantity", "l_extendedprice", "l_discount"],
    checksum: price,
    predicate: all(
      { test: "in", column: "l_shipmode", values: ["AIR", "AIR REG"] },
      { test: "eq", column: "l_shipinstruct", value: "DELIVER IN PERSON" },
      { test: "or", parts: [pieces("1", "11"), pieces("10", "20"), pieces("20", "30")] },
    ),
  },
  {
    name: "TPC-H 20",
    columns: ["l_partkey", "l_suppkey", "l_quantity"],
    checksum: { column: "l_quantity", of: "hundredths" },
    predicate: shippedWithin("1994-01-01", "1995-01-01"),
  },
];

function all(...parts: readonly Predicate[]): Predicate {
  return { test: "and", parts };
}

function shippedWithin(from: string, until: string): Predicate {
  return all(
    { test: "ge", column: "l_shipdate", value: { date: from } },
    { test: "lt", column: "l_shipdate", value: { date: until } },
  );
}

function pieces(low: string, high: string): Predicate {
  return {
    test: "between",
    column: "l_quantity",
    low: { decimal: low },
    high: { decimal: high },
  };
}
