import { expect } from "@std/expect";
import { fileURLToPath } from "node:url";
import { col, limit, scanParquet, select, tableToStream, where } from "spillway";
import { test } from "./support/harness.ts";

const path = fileURLToPath(new URL("./data/readings.parquet", import.meta.url));

test("a collected table can be streamed again and again, and stays as it is", async () => {
  const table = await scanParquet(path, { batchSize: 300 }).collect();
  for (let round = 0; round < 2; round++) {
    const warm = tableToStream(table).pipeThrough(where(col("celsius").ge(29)));
    const rows = await Array.fromAsync((warm as ReturnType<typeof scanParquet>).rows());
    expect(rows.length).toBeGreaterThan(0);
    for await (using _ of tableToStream(table).pipeThrough(limit(400)));
    for await (using _batch of tableToStream(table).pipeThrough(select("at")));
    expect(table.batches.map((batch) => batch.getChild("celsius")!.length).slice(0, 2))
      .toEqual([300, 300]);
    expect(table.getChild("celsius")!.get(0)).toBe(17.5);
  }
});
