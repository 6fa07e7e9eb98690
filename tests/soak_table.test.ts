import { expect } from "@std/expect";
import { BEGIN, END, formatTable, replaceTables } from "../soak/table.ts";
import { test } from "./support/harness.ts";

const failure = { seed: 1, times: 1, details: "" };

test("a table counts each kind of failure, and sums up", () => {
  const table = formatTable([
    { name: "Cut", report: { tried: 1_200, answered: 1_000, refused: 200, failures: [] } },
    {
      name: "Full disk",
      report: {
        tried: 10,
        answered: 3,
        refused: 2,
        failures: [
          { ...failure, kind: "crash" },
          { ...failure, kind: "wrong" },
          { ...failure, kind: "wrong" },
          { ...failure, kind: "hang" },
          { ...failure, kind: "leak" },
        ],
      },
    },
  ]);
  expect(table).toBe(`\
| fault     | tried | answered | refused | crashes | hangs | leaks | wrong |
| --------- | ----: | -------: | ------: | ------: | ----: | ----: | ----: |
| Cut       | 1,200 |    1,000 |     200 |       0 |     0 |     0 |     0 |
| Full disk |    10 |        3 |       2 |       1 |     1 |     1 |     2 |
| all       | 1,210 |    1,003 |     202 |       1 |     1 |     1 |     2 |`);
});

test("tables replace those before, and nothing else of a page", () => {
  const page = `above\n\n${BEGIN}\n\nold\n\n${END}\n\nbelow\n`;
  const replaced = replaceTables(page, "new");
  expect(replaced).toBe(`above\n\n${BEGIN}\n\nnew\n\n${END}\n\nbelow\n`);
  expect(replaceTables(replaced, "new")).toBe(replaced);
});

test("a page without the comments is refused", () => {
  expect(() => replaceTables("above\n", "new")).toThrow("has no");
  expect(() => replaceTables(`${END}\n${BEGIN}\n`, "new")).toThrow("has no");
});
