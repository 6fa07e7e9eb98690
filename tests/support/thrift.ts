/**
 * Thrift's compact protocol, as far as Parquet uses it: structs are read whole, changed and written again.
 *
 * @module
 */

/** A struct: its fields by their number, in the order in which they are written. */
export type Struct = Map<number, Field>;

/** A value with its type as the protocol numbers it. */
export type Field =
  | { type: 1 | 2 }
  | { type: 3 | 4 | 5 | 6; value: bigint }
  | { type: 7 | 8; value: Uint8Array }
  | { type: 9; items: Field[]; of: number }
  | { type: 12; value: Struct };

/** Reads a struct; gives what follows it too. */
export function readStruct(bytes: Uint8Array, at = 0): { struct: Struct; end: number } {
  const reader = new Reader(bytes, at);
  const struct = reader.struct();
  return { struct, end: reader.at };
}

/** The bytes of a struct. */
export function structBytes(struct: Struct): Uint8Array {
  const out: number[] = [];
  writeStruct(struct, out);
  return Uint8Array.from(out);
}

/** An integer field. */
export function integer(value: bigint | number, type: 4 | 5 | 6 = 6): Field {
  return { type, value: BigInt(value) };
}

/** The integer in a field. */
export function integerAt(struct: Struct, id: number): bigint {
  const field = struct.get(id);
  if (field && "value" in field && typeof field.value === "bigint") return field.value;
  throw new Error(`Field ${id} is no integer`);
}

/** The struct in a field. */
export function structAt(struct: Struct, id: number): Struct {
  const field = struct.get(id);
  if (field?.type === 12) return field.value;
  throw new Error(`Field ${id} is no struct`);
}

/** The structs in a list. */
export function structsAt(struct: Struct, id: number): Struct[] {
  const field = struct.get(id);
  if (field?.type !== 9) throw new Error(`Field ${id} is no list`);
  return field.items.map((item) => item.type === 12 ? item.value : new Map());
}

class Reader {
  constructor(readonly bytes: Uint8Array, public at: number) {}

  struct(): Struct {
    const struct: Struct = new Map();
    let id = 0;
    for (;;) {
      const header = this.#byte();
      if (header === 0) return struct;
      id = header >> 4 === 0 ? Number(this.#zigzag()) : id + (header >> 4);
      struct.set(id, this.#value(header & 15));
    }
  }

  #value(type: number): Field {
    if (type === 1 || type === 2) return { type };
    if (type === 3) return { type, value: BigInt(this.#byte()) };
    if (type === 4 || type === 5 || type === 6) return { type, value: this.#zigzag() };
    if (type === 7) return { type, value: this.#take(8) };
    if (type === 8) return { type, value: this.#take(Number(this.#varint())) };
    if (type === 12) return { type, value: this.struct() };
    if (type !== 9) throw new Error(`Parquet has no values of the type ${type}`);
    const header = this.#byte();
    const length = header >> 4 === 15 ? Number(this.#varint()) : header >> 4;
    const of = header & 15;
    const item = (): Field => of <= 2 ? { type: this.#byte() as 1 | 2 } : this.#value(of);
    return { type, of, items: Array.from({ length }, item) };
  }

  #byte(): number {
    const byte = this.bytes[this.at++];
    if (byte === undefined) throw new Error("The struct ends early");
    return byte;
  }

  #take(length: number): Uint8Array {
    return this.bytes.slice(this.at, this.at += length);
  }

  #varint(): bigint {
    let value = 0n;
    for (let shift = 0n;; shift += 7n) {
      const byte = this.#byte();
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) return value;
    }
  }

  #zigzag(): bigint {
    const value = this.#varint();
    return (value >> 1n) ^ -(value & 1n);
  }
}

function writeStruct(struct: Struct, out: number[]): void {
  let last = 0;
  for (const [id, field] of [...struct].toSorted(([a], [b]) => a - b)) {
    const delta = id - last;
    if (delta > 0 && delta < 16) out.push(delta << 4 | field.type);
    else {
      out.push(field.type);
      writeZigzag(BigInt(id), out);
    }
    writeValue(field, out);
    last = id;
  }
  out.push(0);
}

function writeValue(field: Field, out: number[]): void {
  switch (field.type) {
    case 1:
    case 2:
      return;
    case 3:
      out.push(Number(field.value));
      return;
    case 4:
    case 5:
    case 6:
      return writeZigzag(field.value, out);
    case 7:
    case 8:
      if (field.type === 8) writeVarint(BigInt(field.value.length), out);
      for (const byte of field.value) out.push(byte);
      return;
    case 12:
      return writeStruct(field.value, out);
    case 9: {
      const { items, of } = field;
      if (items.length < 15) out.push(items.length << 4 | of);
      else {
        out.push(0xf0 | of);
        writeVarint(BigInt(items.length), out);
      }
      for (const item of items) of <= 2 ? out.push(item.type) : writeValue(item, out);
    }
  }
}

function writeVarint(value: bigint, out: number[]): void {
  let rest = BigInt.asUintN(64, value);
  for (; rest > 127n; rest >>= 7n) out.push(Number(rest & 127n) | 128);
  out.push(Number(rest));
}

function writeZigzag(value: bigint, out: number[]): void {
  writeVarint(value << 1n ^ value >> 63n, out);
}
