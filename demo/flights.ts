import { fileURLToPath } from "node:url";
import { cityByAirport } from "./airports.ts";
import { FlightDelays, type Named } from "./flight_delays.ts";
import { count, percent } from "./format.ts";
import { type Column, printTable } from "./table.ts";

const data = new URL("../node_modules/vega-datasets/data/", import.meta.url);

/** Three million flights within the United States, from the npm package vega-datasets. */
export const flightsFile: string = fileURLToPath(new URL("flights-3m.parquet", data));

/** What is read of it: three of its five columns, the airports as codes of a dictionary. */
export const flightsScan: { columns: string[]; dictionary: string[] } = {
  columns: ["date", "delay", "origin"],
  dictionary: ["origin"],
};

const tallyColumns: readonly Column[] = [
  { title: "flights", align: "right" },
  { title: "mean delay", align: "right" },
  { title: "15 min or more", align: "right" },
  { title: "worst", align: "right" },
];

/** Prints the delays by airport, and the worst days. */
export function printDelays(delays: FlightDelays): void {
  const cities = cityByAirport(new URL("airports.csv", data));
  printTable("Delays by airport of departure, the busiest first", {
    columns: [{ title: "airport" }, { title: "city" }, ...tallyColumns],
    rows: delays.busiestOrigins(12)
      .map((named) => [named[0], cities.get(named[0]) ?? "", ...tallyCells(named)]),
  });
  printTable("The worst days", {
    columns: [{ title: "day" }, ...tallyColumns],
    rows: delays.worstDays(8).map((named) => [named[0], ...tallyCells(named)]),
  });
}

function tallyCells([, tally]: Named): string[] {
  return [
    count(tally.flights),
    `${tally.meanDelay.toFixed(1)} min`,
    percent(tally.lateShare),
    `${count(tally.worstDelay)} min`,
  ];
}
