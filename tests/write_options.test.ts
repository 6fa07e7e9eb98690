import { expect } from "@std/expect";
import {
  encodeArrow,
  encodeCsv,
  encodeNdjson,
  encodeParquet,
  type FileSink,
  scanParquet,
  UnknownColumnError,
  writeArrow,
  writeCsv,
  writeNdjson,
  writeParquet,
} from "spillway";
import { namesIn, sinkTest } from "./support/sink_test.ts";
import { test } from "./support/harness.ts";

type Options = Record<string, unknown>;
type WrongOption = readonly [
  option: string,
  values: readonly unknown[],
  error: typeof TypeError | typeof RangeError,
];

const counts = [0, -1, 1.5, NaN, Infinity, 2 ** 53];
const texts = ["1", null, true, {}];

/** Values that no option of these names may have. */
const wrong: Readonly<Record<string, readonly WrongOption[]>> = {
  files: [
    ["partitionBy", ["a", [1], null, {}, ["a", "a"]], TypeError],
    ["maxFileRows", texts, TypeError],
    ["maxFileRows", counts, RangeError],
    ["maxOpenFiles", texts, TypeError],
    ["maxOpenFiles", counts, RangeError],
    ["maxFileBytes", [null, true, {}, "much", "1 parsec", NaN], TypeError],
    ["maxFileBytes", [0, -1], RangeError],
    ["overwrite", [1, "yes", null], TypeError],
    ["durable", [1, "yes", null], TypeError],
  ],
  all: [
    ["memoryLimit", [null, true, {}, "much", NaN], TypeError],
    ["memoryLimit", [0, -1], RangeError],
    ["schema", [1, "a", {}, { fields: 1 }, null], TypeError],
  ],
  parquet: [
    ["compression", ["lzo", "GZIP", 1, null, "toString"], TypeError],
    ["compressionLevel", texts, TypeError],
    ["compressionLevel", [-1, 1.5, NaN], RangeError],
    ["rowGroupRows", texts, TypeError],
    ["rowGroupRows", counts, RangeError],
    ["rowGroupBytes", [null, true, "much"], TypeError],
    ["rowGroupBytes", [0, -1], RangeError],
    ["pageBytes", [null, true, "much"], TypeError],
    ["pageBytes", [0, -1], RangeError],
    ["dictionary", [1, "a", [1], ["a", "a"], null], TypeError],
    ["statistics", [1, "yes", null], TypeError],
    ["pageIndex", [1, "yes", null], TypeError],
    ["bloomFilterColumns", ["a", [1], true, ["a", "a"], null], TypeError],
    [
      "encoding",
      ["plain", [], 1, null, { a: "PLAIN" }, { a: "rle_dictionary" }, { a: 1 }],
      TypeError,
    ],
    [
      "sortingColumns",
      [
        "a",
        [1],
        [null],
        {},
        [{}],
        [{ column: "a", descending: 1 }],
        [{ column: "a", desc: true }],
        null,
      ],
      TypeError,
    ],
    ["keyValueMetadata", ["a", [], 1, { a: 1 }, null], TypeError],
    ["dataPageVersion", [0, 3, "2", null], RangeError],
  ],
  arrow: [
    ["compression", ["gzip", "LZ4", 1, null], TypeError],
    ["container", ["feather", "File", 1, null], TypeError],
  ],
  text: [
    ["compression", ["lz4", "gz", "GZIP", 1, null], TypeError],
    ["dateFormat", [1, null, true], TypeError],
    ["timestampFormat", [1, null, true], TypeError],
    ["timeFormat", [1, null, true], TypeError],
  ],
  csv: [
    ["header", [1, "yes", null], TypeError],
    ["delimiter", [1, null], TypeError],
    ["delimiter", ["", ",,", "👩‍👩‍👧"], RangeError],
    ["quote", [1, null], TypeError],
    ["quote", ["", "''"], RangeError],
    ["escape", [1, null], TypeError],
    ["escape", ["", "\\\\"], RangeError],
    ["quoteStyle", ["all", "nonnumeric", 1, null], TypeError],
    ["nullValue", [1, null, true], TypeError],
    ["lineEnding", ["\r", "\n\r", "lf", 1, null], TypeError],
  ],
  ndjson: [["explicitNulls", [1, "yes", null], TypeError]],
};

const encoders: Readonly<Record<string, [(options?: Options) => unknown, string[]]>> = {
  encodeParquet: [encodeParquet, ["all", "parquet"]],
  encodeArrow: [encodeArrow, ["all", "arrow"]],
  encodeCsv: [encodeCsv, ["all", "text", "csv"]],
  encodeNdjson: [encodeNdjson, ["all", "text", "ndjson"]],
};

const writers: Readonly<Record<string, [(path: string, options?: Options) => FileSink, string[]]>> =
  {
    writeParquet: [writeParquet, ["all", "files", "parquet"]],
    writeArrow: [writeArrow, ["all", "files", "arrow"]],
    writeCsv: [writeCsv, ["all", "files", "text", "csv"]],
    writeNdjson: [writeNdjson, ["all", "files", "text", "ndjson"]],
  };

const makers: [string, (options: Options) => unknown, string[]][] = [
  ...Object.entries(encoders).map(([name, [make, kinds]]) =>
    [name, make, kinds] as [string, typeof make, string[]]
  ),
  ...Object.entries(writers).map(([name, [make, kinds]]) =>
    [name, (options: Options) => make("never written", options), kinds] as [
      string,
      (options: Options) => unknown,
      string[],
    ]
  ),
];

function thrown(body: () => unknown): Error | null {
  try {
    body();
    return null;
  } catch (error) {
    return error as Error;
  }
}

for (const [name, make, kinds] of makers) {
  test(`${name} refuses values that its options can't have, and names the option`, () => {
    for (const [option, values, type] of kinds.flatMap((kind) => wrong[kind]!)) {
      for (const value of values) {
        const error = thrown(() => make({ [option]: value }));
        expect({ option, value, error: error?.constructor.name })
          .toEqual({ option, value, error: type.name });
        expect(error!.message).toContain(option);
      }
    }
  });

  test(`${name} knows its options by their names, and suggests the nearest`, () => {
    const names = new Set(kinds.flatMap((kind) => wrong[kind]!).map(([option]) => option));
    for (const option of names) {
      make({ [option]: undefined });
      const typo = `${option.slice(0, -1)}_`;
      const error = thrown(() => make({ [typo]: 1 }));
      expect(error).toBeInstanceOf(TypeError);
      expect(error!.message).toContain(`no option ${typo}. Did you mean`);
      expect(error!.message).toContain(option);
    }
    for (const options of [null, 1, "a", true]) {
      expect(thrown(() => make(options as unknown as Options))).toBeInstanceOf(TypeError);
    }
  });
}

test("the path has to be a path or the URL of a file", () => {
  for (const [make] of Object.values(writers)) {
    for (const path of ["", 1, null, undefined, {}, "a\0b", new URL("https://example.org/a")]) {
      expect(thrown(() => make(path as string))).toBeInstanceOf(TypeError);
    }
  }
});

/** What can't be known before there are columns is told once they are there, and before any file is. */
const late: [
  string,
  (path: string) => FileSink,
  typeof RangeError | typeof UnknownColumnError,
  string,
][] = [
  [
    "a level for a codec without levels",
    (path) => writeParquet(path, { compressionLevel: 1 }),
    RangeError,
    "snappy at level 1",
  ],
  [
    "a level that a codec doesn't have",
    (path) => writeParquet(path, { compression: "zstd", compressionLevel: 23 }),
    RangeError,
    "zstd at level 23",
  ],
  [
    "a Bloom filter",
    (path) => writeParquet(path, { bloomFilterColumns: ["sensors"] }),
    UnknownColumnError,
    "'sensors'",
  ],
  [
    "a dictionary",
    (path) => writeParquet(path, { dictionary: ["sensors"] }),
    UnknownColumnError,
    "'sensors'",
  ],
  [
    "an encoding",
    (path) => writeParquet(path, { encoding: { sensors: "plain" } }),
    UnknownColumnError,
    "'sensors'",
  ],
  [
    "an order",
    (path) => writeParquet(path, { sortingColumns: ["sensors"] }),
    UnknownColumnError,
    "'sensors'",
  ],
  [
    "partitions",
    (path) => writeParquet(path, { partitionBy: ["sensors"] }),
    UnknownColumnError,
    "'sensors'",
  ],
  [
    "an encoding for another type",
    (path) => writeParquet(path, { encoding: { sensor: "rle" } }),
    RangeError,
    "'sensor' as RLE",
  ],
  [
    "delimiter and quote that are one",
    (path) => writeCsv(path, { delimiter: '"' }),
    RangeError,
    "choose another delimiter",
  ],
  [
    "a delimiter of several bytes",
    (path) => writeCsv(path, { delimiter: "€" }),
    RangeError,
    "one ASCII character",
  ],
  [
    "nulls that need quotes",
    (path) => writeCsv(path, { nullValue: "a,b" }),
    RangeError,
    "choose another nullValue",
  ],
  [
    "a pattern that is none",
    (path) => writeCsv(path, { timestampFormat: "%Q" }),
    RangeError,
    "timestampFormat",
  ],
];

for (const [what, open, type, message] of late) {
  sinkTest(
    `${what}: what doesn't fit the columns is told before there is a file`,
    async (folder) => {
      const sink = open(folder.file("a"));
      const scan = scanParquet("tests/data/readings.parquet");
      const error = await scan.pipeTo(sink).catch((reason) => reason);
      expect(error).toBeInstanceOf(type);
      expect(error.message).toContain(message);
      if (error instanceof UnknownColumnError) {
        expect(error).toMatchObject({ column: "sensors", suggestions: ["sensor"] });
      }
      expect(scan.stats().batches).toBeLessThanOrEqual(1);
      expect(namesIn(folder.path)).toEqual([]);
    },
  );
}
