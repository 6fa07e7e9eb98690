import { expect } from "@std/expect";
import {
  Data,
  type DataType,
  DenseUnion,
  Field,
  Int32,
  List,
  makeData,
  RecordBatch,
  Schema,
  SparseUnion,
  Struct,
  Utf8,
  Utf8View,
  Vector,
  vectorFromArray,
} from "apache-arrow";
import fc from "fast-check";
import process from "node:process";
import { selectRows } from "spillway";
import { columnsOf, valuesOf } from "./support/arrow_values.ts";
import { batchOf } from "./support/batch_of.ts";
import { generatedBatch } from "./support/generated_batch.ts";
import { test } from "./support/harness.ts";
import { throughIpc } from "./support/through_ipc.ts";

/** Set to what a failed run printed, it makes the same batches again. */
const seed = Number(process.env["SPILLWAY_SEED"] ?? Date.now() % 2 ** 31);

test("the rows kept are those of the mask, whatever the types", () => {
  fc.assert(
    fc.property(generatedBatch, fc.infiniteStream(fc.boolean()), (batch, booleans) => {
      const mask = Array.from({ length: batch.numRows }, () => booleans.next().value === true);
      const kept = selectRows(batch, mask);
      const expected = Object.fromEntries(
        Object.entries(columnsOf([batch])).map((
          [name, values],
        ) => [name, values.filter((_, row) => mask[row])]),
      );
      expect(kept.numRows).toBe(mask.filter(Boolean).length);
      expect(columnsOf([kept])).toEqual(expected);
      expect(kept.schema).toEqual(batch.schema);
      if (kept === batch) return;
      for (const [index, { nullCount }] of kept.data.children.entries()) {
        const nulls = expected[`c${index}`]!.filter((value) => value === null);
        expect(nullCount).toBe(nulls.length);
      }
    }),
    { seed, numRuns: 400 },
  );
});

test("what is kept can be written and read again", () => {
  fc.assert(
    fc.property(generatedBatch, fc.nat(3), (batch, step) => {
      fc.pre(batch.numCols > 0);
      const kept = selectRows(
        batch,
        Uint8Array.from({ length: batch.numRows }, (_, row) => row % (step + 2) === 0 ? 1 : 0),
      );
      expect(columnsOf(throughIpc([kept]).batches)).toEqual(columnsOf([kept]));
    }),
    { seed, numRuns: 100 },
  );
});

test("all rows kept is the batch itself", () => {
  const batch = batchOf({ c0: vectorFromArray([1, null, 3], new Int32()) });
  expect(selectRows(batch, [true, true, true])).toBe(batch);
  expect(selectRows(batch, Uint8Array.of(1, 255, 1))).toBe(batch);
  const empty = selectRows(batch, new Uint8Array(3));
  expect(empty.numRows).toBe(0);
  expect(selectRows(empty, [])).toBe(empty);
});

test("what is kept shares no memory with the batch", () => {
  const data = vectorFromArray(["a", "b", null], new Utf8()).data[0]!;
  const kept = selectRows(batchOf({ c0: data }), [true, false, true]);
  data.values.fill(0);
  data.nullBitmap.fill(0);
  data.valueOffsets.fill(0);
  expect(Array.from(kept.getChildAt(0)!)).toEqual(["a", null]);
});

test("the text under a null is not copied", () => {
  const data = makeData({
    type: new Utf8(),
    length: 3,
    nullBitmap: Uint8Array.of(0b110),
    valueOffsets: Int32Array.of(0, 4, 5, 5),
    data: new TextEncoder().encode("longx"),
  });
  const [column] = selectRows(batchOf({ c0: data }), [true, true, false]).data.children;
  expect(valuesOf(column!)).toEqual([null, "x"]);
  expect(column!.values.length).toBe(1);
});

test("views keep their texts, short and long", () => {
  const texts = ["short", "a text of more than twelve bytes", null, "another one that is as long"];
  const long = new TextEncoder().encode(texts[1]! + texts[3]!);
  const views = new Uint8Array(64);
  const view = new DataView(views.buffer);
  const put = (row: number, text: string, offset: number) => {
    const bytes = new TextEncoder().encode(text);
    view.setInt32(row * 16, bytes.length, true);
    views.set(bytes.subarray(0, bytes.length > 12 ? 4 : 12), row * 16 + 4);
    if (bytes.length > 12) view.setInt32(row * 16 + 12, offset, true);
  };
  put(0, "short", 0);
  put(1, texts[1]!, 0);
  put(3, texts[3]!, texts[1]!.length);
  const nullBitmap = Uint8Array.of(0b1011);
  const type = new Utf8View();
  const data = makeData({ type, length: 4, nullBitmap, views, variadicBuffers: [long] });
  const kept = selectRows(batchOf({ c0: data.slice(1, 3) }), [false, true, true]);
  long.fill(0);
  expect(Array.from(kept.getChildAt(0)!)).toEqual([null, texts[3]!]);
  expect(kept.getChildAt(0)!.nullCount).toBe(1);
});

test("unions keep their rows", () => {
  const fields = [new Field("n", new Int32(), true), new Field("s", new Utf8(), true)];
  const typeIds = Int8Array.of(0, 1, 1, 0);
  const sparse = makeData({
    type: new SparseUnion([0, 1], fields),
    length: 4,
    typeIds,
    children: [
      vectorFromArray([1, 0, 0, 4], new Int32()).data[0]!,
      vectorFromArray(["", "b", "c", ""], new Utf8()).data[0]!,
    ],
  });
  const dense = makeData({
    type: new DenseUnion([0, 1], fields),
    length: 4,
    typeIds,
    valueOffsets: Int32Array.of(0, 0, 1, 1),
    children: [
      vectorFromArray([1, 4], new Int32()).data[0]!,
      vectorFromArray(["b", "c"], new Utf8()).data[0]!,
    ],
  });
  for (const data of [sparse, dense] as Data[]) {
    expect(Array.from(new Vector([data]))).toEqual([1, "b", "c", 4]);
    const kept = selectRows(batchOf({ c0: data }), [false, true, false, true]);
    expect(Array.from(kept.getChildAt(0)!)).toEqual(["b", 4]);
  }
});

test("empty lists within lists are kept", () => {
  const inner = new List(new Field("item", new Utf8(), true));
  const lists = vectorFromArray([[], null, []], new List(new Field("item", inner, true)));
  const { type, buffers } = lists.data[0]!;
  // As apache-arrow makes it, the child has no children itself.
  const child = makeData({ type: inner, length: 0 } as { type: DataType; length: number });
  const data = new Data(type as DataType, 0, 3, 1, buffers, [child]);
  const kept = selectRows(batchOf({ c0: data }), [true, true, false]);
  expect(valuesOf(kept.data.children[0]!)).toEqual([[], null]);
  const read = throughIpc([kept]);
  expect(read.getChildAt(0)!.toJSON().map((value) => value && [...value])).toEqual([[], null]);
});

test("batches without columns keep their number of rows", () => {
  const type = new Struct([]);
  const batch = new RecordBatch(new Schema([]), makeData({ type, length: 3, children: [] }));
  expect(batch.numRows).toBe(3);
  expect(selectRows(batch, [true, false, true]).numRows).toBe(2);
});

test("a mask of another length or type is refused", () => {
  const batch = batchOf({ c0: vectorFromArray([1, 2, 3], new Int32()) });
  expect(() => selectRows(batch, [true])).toThrow(RangeError);
  expect(() => selectRows(batch, new Uint8Array(4)))
    .toThrow("The mask of a batch must be as long as the batch, 3 rows, not 4");
  const wrong = (mask: unknown) => () => selectRows(batch, mask as boolean[]);
  expect(wrong(undefined)).toThrow(TypeError);
  expect(wrong(new Set([true]))).toThrow("not an object of Set");
  expect(wrong([true, null, true])).toThrow("but in row 1 it has null");
  expect(wrong([1, 0, 1])).toThrow(TypeError);
  expect(wrong(new Array(3))).toThrow("but in row 0 it has undefined");
});
