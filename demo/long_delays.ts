/** The demo's predicate: flights of one week that left very late, and what pruning spared to find them. */
import { col, limit, scanParquet, select, where } from "spillway";
import { printTable } from "./table.ts";

const LONG_DELAY_MINUTES = 300;
const FROM = "2001-03-01";
const TO = "2001-03-08";
const MOST_ROWS = 5;

/** Finds the flights, prints the first of them, and under them the plan that found them. */
export async function longDelays(file: string): Promise<void> {
  const flights = scanParquet(file)
    .pipeThrough(where(
      col("date").between(new Date(FROM), new Date(TO)).and(col("delay").gt(LONG_DELAY_MINUTES)),
    ))
    .pipeThrough(select("date", "origin", "destination", "delay"))
    .pipeThrough(limit(MOST_ROWS));
  const plan = await flights.explain();
  const rows: string[][] = [];
  for await (const { date, origin, destination, delay } of flights.rows()) {
    const day = new Date(Number(date)).toISOString().slice(0, 10);
    rows.push([day, String(origin), String(destination), `${delay} min`]);
  }
  printTable(`Flights over ${LONG_DELAY_MINUTES} minutes late from ${FROM} to ${TO}`, {
    columns: [
      { title: "day" },
      { title: "from" },
      { title: "to" },
      { title: "delay", align: "right" },
    ],
    rows,
  });
  console.log(`\n${plan}`);
}
