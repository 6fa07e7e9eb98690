/**
 * Reads single values from the buffers of an Arrow array, with none of the getters' conversions.
 *
 * None of these looks at the validity: ask `data.getValid(index)` first.
 *
 * @module
 */

import { type Data, DataType, type Vector } from "apache-arrow";

/** Reads integers, unscaled decimals, and dates, times, timestamps and durations in their own unit. */
export function integersOf(data: Data): (index: number) => bigint {
  if (DataType.isDictionary(data.type)) return throughDictionary(data, integersOf);
  if (DataType.isDecimal(data.type)) {
    const words = data.values as Uint32Array;
    const { bitWidth } = data.type;
    const stride = bitWidth / 32;
    return (index) => {
      let unscaled = 0n;
      for (let word = stride - 1; word >= 0; word--) {
        unscaled = (unscaled << 32n) | BigInt(words[index * stride + word]!);
      }
      return BigInt.asIntN(bitWidth, unscaled);
    };
  }
  const values = data.values as ArrayLike<number | bigint>;
  return (index) => BigInt(values[index]!);
}

/** Reads Bool, and bytes that stand for it. */
export function booleansOf(data: Data): (index: number) => boolean {
  if (DataType.isDictionary(data.type)) return throughDictionary(data, booleansOf);
  const values = data.values as Uint8Array;
  if (!DataType.isBool(data.type)) return (index) => values[index] !== 0;
  const { offset } = data;
  return (index) => (values[(offset + index) >> 3]! & (1 << ((offset + index) & 7))) !== 0;
}

/** Reads floating-point numbers of any width. */
export function floatsOf(data: Data): (index: number) => number {
  if (DataType.isDictionary(data.type)) return throughDictionary(data, floatsOf);
  const { values } = data;
  if (values instanceof Uint16Array) return (index) => widenHalf(values[index]!);
  return (index) => (values as Float64Array)[index]!;
}

/** Reads the bytes of strings and binary values: views, valid as long as the array. */
export function bytesOf(data: Data): (index: number) => Uint8Array {
  if (DataType.isDictionary(data.type)) return throughDictionary(data, bytesOf);
  const values = data.values as Uint8Array;
  if (DataType.isFixedSizeBinary(data.type)) {
    const { byteWidth } = data.type;
    return (index) => values.subarray(index * byteWidth, (index + 1) * byteWidth);
  }
  const offsets = data.valueOffsets as ArrayLike<number | bigint>;
  return (index) => values.subarray(Number(offsets[index]), Number(offsets[index + 1]));
}

/** Reads dictionary codes as the values they stand for; a dictionary grows by chunks. */
function throughDictionary<T>(
  data: Data,
  readerOf: (values: Data) => (index: number) => T,
): (index: number) => T {
  const codes = data.values as ArrayLike<number | bigint>;
  const chunks = (data.dictionary as Vector).data.map((chunk) => ({
    length: chunk.length,
    read: readerOf(chunk),
  }));
  return (index) => {
    let code = Number(codes[index]);
    for (const { length, read } of chunks) {
      if (code < length) return read(code);
      code -= length;
    }
    throw new RangeError(`The code at ${index} is past the end of its dictionary`);
  };
}

/** @returns The value of an IEEE half precision number, all of which a double can hold */
function widenHalf(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : NaN;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
