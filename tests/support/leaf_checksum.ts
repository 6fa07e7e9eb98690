import { type Data, DataType, DateUnit, TimeUnit } from "apache-arrow";
import { booleansOf, bytesOf, floatsOf, integersOf } from "./arrow_readers.ts";
import { hex } from "./arrow_values.ts";
import { crc32 } from "./crc32.ts";
import { ExactSum } from "./exact_sum.ts";

/** The checksum of a column, or of one leaf of a nested column. Integers of any size are strings. */
export type LeafChecksum =
  & { readonly nulls: number | null; readonly n?: number }
  & (
    | { readonly kind: "null" }
    | { readonly kind: "other"; readonly of?: string }
    | ({ readonly kind: "int" } & Moments)
    | ({ readonly kind: "decimal"; readonly scale: number } & Moments)
    | ({
      readonly kind: "temporal";
      readonly of: string;
      readonly unit: string;
      readonly tz?: string | null;
    } & Moments)
    | {
      readonly kind: "bool";
      readonly true: number;
      readonly false: number;
      readonly wsum: string;
    }
    | ({ readonly kind: "float" } & FloatMoments)
    | ({ readonly kind: "string" | "binary" } & ByteMoments)
  );

interface Moments {
  readonly min: string | null;
  readonly max: string | null;
  readonly sum: string;
  readonly wsum: string;
}

interface FloatMoments {
  readonly nan: number;
  readonly inf: number;
  readonly ninf: number;
  readonly min: string | null;
  readonly max: string | null;
  readonly sum: string;
  readonly bits_sum: string;
  readonly bits_wsum: string;
}

interface ByteMoments {
  readonly bytes: number;
  readonly min: LongValue | string | null;
  readonly max: LongValue | string | null;
  readonly crc32: string;
  readonly len_wsum: string;
}

interface LongValue {
  readonly len: number;
  readonly head: string;
  readonly crc32: string;
}

/** Takes the value at an index of the array that it was made for, as the leaf's entry number `position`. */
type Take = (index: number, position: bigint) => void;

/** What is summed of one type; dispatched once an array, never once a value. */
interface Sum {
  over(data: Data): Take;
  done(nulls: number): LeafChecksum;
}

const M64 = (1n << 64n) - 1n;
const LONGEST_SHOWN = 256;
const CANONICAL_NAN_BITS = 0x7ff8000000000000n;

/** The checksum of a flat array that arrives in pieces, read from the Arrow buffers and not through getters. */
export class LeafSummer {
  readonly #sum: Sum;
  #position = 0;
  #nulls = 0;

  /**
   * @param type The leaf's type; a dictionary counts as its values
   * @param isBool8 Whether the field is the extension type `arrow.bool8`, which counts as Bool
   */
  constructor(type: DataType, isBool8 = false) {
    this.#sum = isBool8
      ? new BoolSum()
      : sumOf(DataType.isDictionary(type) ? type.dictionary : type);
  }

  /** How many entries there were, nulls included. */
  get length(): number {
    return this.#position;
  }

  /**
   * @param data The array
   * @param indices Which of its entries, in order; -1 is a null that a parent imposes. All of them when left out
   */
  add(data: Data, indices?: readonly number[]): void {
    const count = indices?.length ?? data.length;
    const take = this.#sum.over(data);
    const allNull = DataType.isNull(data.type);
    for (let i = 0; i < count; i++) {
      const index = indices ? indices[i]! : i;
      if (index < 0 || allNull || !data.getValid(index)) this.#nulls++;
      else take(index, BigInt(this.#position));
      this.#position++;
    }
  }

  /** @returns The checksum of everything added */
  done(): LeafChecksum {
    return this.#sum.done(this.#nulls);
  }
}

function sumOf(type: DataType): Sum {
  if (DataType.isNull(type)) return new OtherSum("null");
  if (DataType.isBool(type)) return new BoolSum();
  if (DataType.isInt(type)) {
    return new IntegerSum((nulls, moments) => ({ kind: "int", nulls, ...moments }));
  }
  if (DataType.isFloat(type)) return new FloatSum();
  if (DataType.isDecimal(type)) {
    const { scale } = type;
    return new IntegerSum((nulls, moments) => ({ kind: "decimal", scale, nulls, ...moments }));
  }
  const temporal = temporalOf(type);
  if (temporal !== undefined) {
    return new IntegerSum((nulls, moments) => ({
      kind: "temporal",
      ...temporal,
      nulls,
      ...moments,
    }));
  }
  if (DataType.isUtf8(type) || DataType.isLargeUtf8(type)) return new BytesSum("string");
  if (DataType.isBinary(type) || DataType.isLargeBinary(type) || DataType.isFixedSizeBinary(type)) {
    return new BytesSum("binary");
  }
  return new OtherSum("other", String(type));
}

function temporalOf(type: DataType): { of: string; unit: string; tz?: string | null } | undefined {
  if (DataType.isDate(type)) return { of: "date", unit: type.unit === DateUnit.DAY ? "D" : "ms" };
  if (DataType.isTime(type)) return { of: "time", unit: unitName(type.unit) };
  if (DataType.isTimestamp(type)) {
    return { of: "timestamp", unit: unitName(type.unit), tz: type.timezone ?? null };
  }
  if (DataType.isDuration(type)) return { of: "duration", unit: unitName(type.unit) };
  return undefined;
}

function unitName(unit: TimeUnit): string {
  switch (unit) {
    case TimeUnit.SECOND:
      return "s";
    case TimeUnit.MILLISECOND:
      return "ms";
    case TimeUnit.MICROSECOND:
      return "us";
    case TimeUnit.NANOSECOND:
      return "ns";
  }
}

class OtherSum implements Sum {
  constructor(readonly kind: "null" | "other", readonly of?: string) {}

  over(): Take {
    return () => {};
  }

  done(nulls: number): LeafChecksum {
    return { kind: this.kind, nulls, ...(this.of !== undefined && { of: this.of }) };
  }
}

class IntegerSum implements Sum {
  #min: bigint | null = null;
  #max: bigint | null = null;
  #sum = 0n;
  #wsum = 0n;

  constructor(readonly finish: (nulls: number, moments: Moments) => LeafChecksum) {}

  over(data: Data): Take {
    const read = integersOf(data);
    return (index, position) => {
      const value = read(index);
      if (this.#min === null || value < this.#min) this.#min = value;
      if (this.#max === null || value > this.#max) this.#max = value;
      this.#sum += value;
      this.#wsum = (this.#wsum + (position + 1n) * value) & M64;
    };
  }

  done(nulls: number): LeafChecksum {
    return this.finish(nulls, {
      min: this.#min?.toString() ?? null,
      max: this.#max?.toString() ?? null,
      sum: String(this.#sum),
      wsum: String(this.#wsum),
    });
  }
}

class BoolSum implements Sum {
  #true = 0;
  #false = 0;
  #wsum = 0n;

  over(data: Data): Take {
    const read = booleansOf(data);
    return (index, position) => {
      if (read(index)) {
        this.#true++;
        this.#wsum = (this.#wsum + position + 1n) & M64;
      } else {
        this.#false++;
      }
    };
  }

  done(nulls: number): LeafChecksum {
    return { kind: "bool", nulls, true: this.#true, false: this.#false, wsum: String(this.#wsum) };
  }
}

class FloatSum implements Sum {
  readonly #number = new Float64Array(1);
  readonly #bits = new BigUint64Array(this.#number.buffer);
  readonly #sum = new ExactSum();
  #nan = 0;
  #inf = 0;
  #ninf = 0;
  #min: number | null = null;
  #max: number | null = null;
  #bitsSum = 0n;
  #bitsWsum = 0n;

  over(data: Data): Take {
    const read = floatsOf(data);
    return (index, position) => {
      const value = read(index);
      this.#number[0] = value;
      const bits = Number.isNaN(value) ? CANONICAL_NAN_BITS : this.#bits[0]!;
      this.#bitsSum = (this.#bitsSum + bits) & M64;
      this.#bitsWsum = (this.#bitsWsum + (position + 1n) * bits) & M64;
      if (Number.isNaN(value)) {
        this.#nan++;
        return;
      }
      if (this.#min === null || value < this.#min) this.#min = value;
      if (this.#max === null || value > this.#max) this.#max = value;
      if (value === Infinity) this.#inf++;
      else if (value === -Infinity) this.#ninf++;
      else this.#sum.add(value);
    };
  }

  done(nulls: number): LeafChecksum {
    const sum = this.#sum.value();
    return {
      kind: "float",
      nulls,
      nan: this.#nan,
      inf: this.#inf,
      ninf: this.#ninf,
      min: this.#min === null ? null : printed(this.#min),
      max: this.#max === null ? null : printed(this.#max),
      sum: sum === undefined ? "overflow" : printed(sum),
      bits_sum: String(this.#bitsSum),
      bits_wsum: String(this.#bitsWsum),
    };
  }
}

class BytesSum implements Sum {
  #bytes = 0;
  #crc = 0;
  #lenWsum = 0n;
  #min: Uint8Array | null = null;
  #max: Uint8Array | null = null;

  constructor(readonly kind: "string" | "binary") {}

  over(data: Data): Take {
    const read = bytesOf(data);
    return (index, position) => {
      const value = read(index);
      this.#bytes += value.length;
      this.#crc = crc32(value, this.#crc);
      this.#lenWsum = (this.#lenWsum + (position + 1n) * BigInt(value.length)) & M64;
      // Copies: the array's memory may be given back before the checksum is done.
      if (this.#min === null || inByteOrder(value, this.#min) < 0) this.#min = value.slice();
      if (this.#max === null || inByteOrder(value, this.#max) > 0) this.#max = value.slice();
    };
  }

  done(nulls: number): LeafChecksum {
    return {
      kind: this.kind,
      nulls,
      bytes: this.#bytes,
      min: this.#shown(this.#min),
      max: this.#shown(this.#max),
      crc32: hex32(this.#crc),
      len_wsum: String(this.#lenWsum),
    };
  }

  #shown(value: Uint8Array | null): LongValue | string | null {
    if (value === null) return null;
    const text = (bytes: Uint8Array) =>
      this.kind === "string" ? new TextDecoder().decode(bytes) : hex(bytes);
    if (value.length <= LONGEST_SHOWN) return text(value);
    return { len: value.length, head: text(value.subarray(0, 64)), crc32: hex32(crc32(value)) };
  }
}

function inByteOrder(a: Uint8Array, b: Uint8Array): number {
  const shared = Math.min(a.length, b.length);
  for (let i = 0; i < shared; i++) {
    if (a[i] !== b[i]) return a[i]! - b[i]!;
  }
  return a.length - b.length;
}

function printed(value: number): string {
  return value === 0 ? "0.0" : String(value);
}

function hex32(value: number): string {
  return value.toString(16).padStart(8, "0");
}
