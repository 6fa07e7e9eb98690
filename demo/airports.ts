import { readFileSync } from "node:fs";

/**
 * The city of each airport by its IATA code, from `airports.csv` of the package vega-datasets.
 * Names of airports, in the second column, may be quoted and hold commas.
 */
export function cityByAirport(csv: URL): Map<string, string> {
  const cities = new Map<string, string>();
  for (const line of readFileSync(csv, "utf8").split("\n")) {
    const [, code, city] = /^([^,]+),(?:"[^"]*"|[^,]*),([^,]*),/.exec(line) ?? [];
    if (code && city) cities.set(code, city);
  }
  return cities;
}
