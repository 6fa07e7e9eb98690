import { expect } from "@std/expect";
import { Field, Float64, Int32, Schema } from "apache-arrow";
import { readFileSync, symlinkSync, writeFileSync } from "node:fs";
import process from "node:process";
import { pathToFileURL } from "node:url";
import {
  FileExistsError,
  FileNotFoundError,
  type FileOptions,
  FileSink,
  FileWriteError,
  NotAFileError,
  scanParquet,
  SpillwayError,
  writeArrow,
  writeCsv,
  writeNdjson,
  writeParquet,
  type WriteResult,
} from "spillway";
import { batchStream } from "./support/batch_stream.ts";
import { fixture } from "./support/fixtures.ts";
import { expectSequences, sum } from "./support/sequence.ts";
import { namesIn, sinkTest } from "./support/sink_test.ts";

type Write = (path: string | URL, options?: FileOptions) => FileSink;

const formats: Readonly<Record<string, Write>> = {
  parquet: writeParquet,
  arrow: writeArrow,
  csv: writeCsv,
  ndjson: writeNdjson,
};

/** Rows of plain columns, which every format holds. */
function rows(count: number, batchSize = 100) {
  const columns = ["id", "text", "price", "maybe"];
  return scanParquet(fixture("sequence"), { columns, limit: count, batchSize });
}

/** Writes rows, and gives what the sink tells. */
async function written(sink: FileSink, count = 1_000): Promise<WriteResult> {
  expect(sink).toBeInstanceOf(FileSink);
  await rows(count).pipeTo(sink);
  return await sink.result;
}

/** How writing rows fails; the pipe and the result have to agree. */
async function failure(sink: FileSink): Promise<unknown> {
  const error = await rows(1_000).pipeTo(sink).catch((reason) => reason);
  expect(await sink.result.catch((reason) => reason)).toBe(error);
  return error;
}

for (const [format, write] of Object.entries(formats)) {
  sinkTest(
    `${format}: a file that exists is replaced only where that is asked for`,
    async (folder) => {
      const path = folder.file("a");
      writeFileSync(path, "what was there");
      const error = await failure(write(path));
      expect(error).toBeInstanceOf(FileExistsError);
      expect(error).toMatchObject({ code: "FILE_EXISTS", path });
      expect(String(error)).toContain("set overwrite to replace it");
      expect(readFileSync(path, "utf8")).toBe("what was there");

      const { bytes, files } = await written(write(path, { overwrite: true }));
      expect(files).toMatchObject([{ path, rows: 1_000, bytes }]);
      expect(readFileSync(path).length).toBe(bytes);
      expect(namesIn(folder.path)).toEqual(["a"]);
    },
  );

  sinkTest(
    `${format}: a file that can't be kept stays as it was until it is replaced`,
    async (folder) => {
      const path = folder.file("a");
      writeFileSync(path, "what was there");
      const writer = write(path, { overwrite: true }).getWriter();
      for await (const batch of rows(500)) await writer.write(batch);
      expect(readFileSync(path, "utf8")).toBe("what was there");
      await writer.abort(new Error("enough"));
      expect(readFileSync(path, "utf8")).toBe("what was there");
      expect(namesIn(folder.path)).toEqual(["a"]);
    },
  );

  sinkTest(
    `${format}: a folder that isn't there, or is in the file's place, is an error`,
    async (folder) => {
      const missing = await failure(write(folder.file("no/a")));
      expect(missing).toBeInstanceOf(FileNotFoundError);
      expect(missing).toMatchObject({ path: folder.file("no/a") });
      const taken = await failure(write(folder.path, { overwrite: true }));
      expect(taken).toBeInstanceOf(NotAFileError);
      expect(taken).toMatchObject({ path: folder.path });
      writeFileSync(folder.file("file"), "");
      const below = await failure(write(folder.file("file/a")));
      expect(below).toBeInstanceOf(FileWriteError);
      expect(String(below)).toContain("a part of its path is a file, and not a folder");
      const inside = await failure(write(folder.file("file/")));
      expect(inside).toBeInstanceOf(FileExistsError);
      expect(namesIn(folder.path)).toEqual(["file"]);
    },
  );

  sinkTest(`${format}: a stream without rows is a file without rows`, async (folder) => {
    const { files } = await written(write(folder.file("a")), 0);
    expect(files).toMatchObject([{ path: folder.file("a"), rows: 0, rowGroups: 0 }]);
    const schema = new Schema([new Field("x", new Float64(), true)]);
    await batchStream([]).pipeTo(write(folder.file("b"), { schema }));
    const folderOf = await written(write(folder.file("c/"), { maxFileRows: 5 }), 0);
    expect(folderOf.files.length).toBe(1);
    expect(namesIn(folder.path)).toEqual(["a", "b", "c/", `c/part-0.${format}`]);
  });

  sinkTest(`${format}: a stream of others without batches needs a schema`, async (folder) => {
    const sink = write(folder.file("a"));
    const error = await batchStream([]).pipeTo(sink).catch((reason) => reason);
    expect(error).toBeInstanceOf(TypeError);
    expect(error.message).toBe(
      `Can't write ${
        folder.file("a")
      }: no batch came, so that its columns are not known. Give a schema`,
    );
    expect(await sink.result.catch((reason) => reason)).toBe(error);
    expect(namesIn(folder.path)).toEqual([]);
  });

  sinkTest(`${format}: two that write one file at once leave it whole`, async (folder) => {
    const path = folder.file("a");
    const counts = [700, 2_300];
    for (let round = 0; round < 5; round++) {
      const alone = await Promise.allSettled(counts.map((count) => written(write(path), count)));
      const won = alone.filter(({ status }) => status === "fulfilled");
      expect(won.length).toBe(round === 0 ? 1 : 0);
      for (const each of alone) {
        if (each.status === "rejected") expect(each.reason).toBeInstanceOf(FileExistsError);
      }
      const both = await Promise.all(
        counts.map((count) => written(write(path, { overwrite: true }), count)),
      );
      expect(both.map(({ bytes }) => bytes)).toContain(readFileSync(path).length);
      if (format !== "parquet") continue;
      const found = sum(await expectSequences(scanParquet(path)));
      expect(counts).toContain(found);
    }
    expect(namesIn(folder.path)).toEqual(["a"]);
  });
}

sinkTest("a file may be written over with its own rows", async (folder) => {
  const path = folder.file("a.parquet");
  await scanParquet(fixture("sequence"), { batchSize: 1_000 }).pipeTo(writeParquet(path));
  for (const io of ["mmap", "read"] as const) {
    const { numRows } = await scanParquet(path).metadata();
    const scan = scanParquet(path, { batchSize: 1_000, limit: numRows - 10_000, io });
    await scan.pipeTo(writeParquet(path, { overwrite: true, rowGroupRows: 5_000 }));
    expect(sum(await expectSequences(scanParquet(path)))).toBe(numRows - 10_000);
  }
  expect(namesIn(folder.path)).toEqual(["a.parquet"]);
});

sinkTest("a path may be a URL, and have any characters", async (folder) => {
  const path = folder.file("ü # 100%25 ?*.parquet");
  const { files } = await written(writeParquet(pathToFileURL(path)));
  expect(files[0]!.path).toBe(path);
  expect(sum(await expectSequences(scanParquet(pathToFileURL(path))))).toBe(1_000);
});

sinkTest("a path may be relative", async (folder) => {
  const before = process.cwd();
  process.chdir(folder.path);
  try {
    const { files } = await written(writeParquet("a.parquet"));
    expect(files[0]!.path).toBe("a.parquet");
    expect(await failure(writeParquet("./a.parquet"))).toBeInstanceOf(FileExistsError);
  } finally {
    process.chdir(before);
  }
  expect(namesIn(folder.path)).toEqual(["a.parquet"]);
});

sinkTest("a name may be as long as the file system allows, and not longer", async (folder) => {
  const longest = "ü".repeat(127);
  await written(writeParquet(folder.file(longest)));
  const error = await failure(writeParquet(folder.file(`${longest}üü`)));
  expect(error).toBeInstanceOf(FileWriteError);
  expect(namesIn(folder.path)).toEqual([longest]);
});

sinkTest.skipIf(process.platform === "win32")(
  "a device is not replaced by a file",
  async (folder) => {
    symlinkSync("/dev/null", folder.file("null"));
    for (const overwrite of [false, true]) {
      const error = await failure(writeParquet(folder.file("null"), { overwrite }));
      expect(error).toBeInstanceOf(NotAFileError);
      expect(error).toMatchObject({ path: folder.file("null") });
    }
    expect(namesIn(folder.path)).toEqual(["null"]);
  },
);

sinkTest(
  "what isn't a batch, or of the same columns, is an error, and nothing is left",
  async (folder) => {
    const others: [unknown, string][] = [
      [null, "what was written is null, and no RecordBatch"],
      [undefined, "what was written is undefined, and no RecordBatch"],
      ["text", 'what was written is "text", and no RecordBatch'],
      [await rows(10).collect(), "what was written is Table, and no RecordBatch"],
      [(await rows(10).collect()).schema, "what was written is Schema, and no RecordBatch"],
    ];
    for (const [other, message] of others) {
      for (const before of [0, 2]) {
        const writer = writeParquet(folder.file("a")).getWriter() as WritableStreamDefaultWriter;
        for await (const batch of rows(100 * before)) await writer.write(batch);
        const error = await writer.write(other).catch((reason) => reason);
        expect(error).toBeInstanceOf(TypeError);
        expect(error.message).toContain(message);
        expect(await writer.close().catch((reason) => reason)).toBeInstanceOf(TypeError);
      }
    }
    const writer = writeParquet(folder.file("a")).getWriter();
    for await (const batch of rows(200)) await writer.write(batch);
    const [other] = await Array.fromAsync(
      scanParquet(fixture("sequence"), { columns: ["id"], limit: 0 }),
    );
    const [wrong] = await Array.fromAsync(
      scanParquet(fixture("sequence"), { columns: ["id"], limit: 1 }),
    );
    expect(other).toBe(undefined);
    const error = await writer.write(wrong!).catch((reason) => reason);
    expect(error.message).toContain(
      "Can't write batch 2: its columns are id: Int64, and those of the first are",
    );
    expect(wrong!.released).toBe(true);
    expect(namesIn(folder.path)).toEqual([]);
  },
);

sinkTest("a schema that is given has to be that of the batches", async (folder) => {
  const schema = new Schema([new Field("id", new Int32(), true)]);
  const error = await failure(writeParquet(folder.file("a"), { schema }));
  expect(error).toBeInstanceOf(TypeError);
  expect(error).not.toBeInstanceOf(SpillwayError);
  expect(String(error)).toContain("Can't write batch 0");
  expect(namesIn(folder.path)).toEqual([]);
});

sinkTest("a result that nobody looks at is no unhandled rejection", async (folder) => {
  const sink = writeParquet(folder.file("no/a"));
  await expect(rows(10).pipeTo(sink)).rejects.toThrow(FileNotFoundError);
  await new Promise((resolve) => setTimeout(resolve, 10));
  await expect(sink.result).rejects.toThrow(FileNotFoundError);
});
