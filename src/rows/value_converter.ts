/**
 * JavaScript's values as those of columns.
 *
 * @module
 */
import { DataType, type Field, IntervalUnit } from "apache-arrow";
import { decimalWords } from "./decimal_words.ts";
import { Misfit, misfit, within } from "./misfit.ts";
import { convertFloat, convertInteger, convertMoment } from "./number_converter.ts";
import { fieldReader, isRecord, type PlainRecord } from "./plain_record.ts";
import { storageType } from "./storage_type.ts";

/** Gives what a builder takes for a value: throws a {@linkcode Misfit} where there is nothing. */
export type Convert = (value: unknown) => unknown;

/** How strict converters are. */
export interface ConverterOptions {
  /** Whether fields that a struct's type doesn't have are wrong; they are left out otherwise. */
  readonly knownFieldsOnly: boolean;
}

/**
 * Makes what converts the values of a field, nulls too. The type is looked at once, not once a value.
 *
 * @param field The field.
 * @param options How strict it is.
 * @returns The converter, for a builder of the {@linkcode storageType}.
 * @throws {Misfit} Where no column of the type can be made of values.
 */
export function fieldConverter(field: Field, options: ConverterOptions): Convert {
  const { type, nullable } = field;
  const convert = converter(type, options);
  return (value) => {
    if (value !== null && value !== undefined) return convert(value);
    if (nullable) return null;
    throw new Misfit(`is ${value}, and may not be null by its type ${type}`);
  };
}

function converter(type: DataType, options: ConverterOptions): Convert {
  if (DataType.isNull(type)) return refuse(type);
  if (DataType.isBool(type)) return checked(type, (value) => typeof value === "boolean");
  if (DataType.isInt(type)) return convertInteger(type, type);
  if (DataType.isFloat(type)) return convertFloat(type);
  if (DataType.isTime(type) || DataType.isDuration(type)) {
    return convertInteger(type, storageType(type));
  }
  if (DataType.isDate(type) || DataType.isTimestamp(type)) return convertMoment(type);
  if (DataType.isInterval(type)) return convertInterval(type);
  if (DataType.isDecimal(type)) {
    return (value) => {
      const isText = typeof value === "string" || typeof value === "number" ||
        typeof value === "bigint";
      const words = isText ? decimalWords(String(value), type) : null;
      if (words === null) throw misfit(value, type);
      return words;
    };
  }
  if (DataType.isUtf8(type) || DataType.isLargeUtf8(type) || DataType.isUtf8View(type)) {
    return checked(type, (value) => typeof value === "string" && value.isWellFormed());
  }
  if (DataType.isBinary(type) || DataType.isLargeBinary(type) || DataType.isBinaryView(type)) {
    return convertBytes(type, () => true);
  }
  if (DataType.isFixedSizeBinary(type)) {
    return convertBytes(type, (bytes) => bytes.length === type.byteWidth);
  }
  return nestedConverter(type, options);
}

function nestedConverter(type: DataType, options: ConverterOptions): Convert {
  if (DataType.isStruct(type)) return convertStruct(type, type.children, options);
  if (DataType.isList(type) || DataType.isLargeList(type)) {
    return convertList(type, type.children[0]!, () => true, options);
  }
  if (DataType.isFixedSizeList(type)) {
    const { listSize } = type;
    return convertList(type, type.children[0]!, ({ length }) => length === listSize, options);
  }
  if (DataType.isMap(type)) return convertMap(type, type.childType.children, options);
  if (DataType.isDictionary(type)) {
    const values = type.dictionary as DataType;
    // A builder tells values apart by their text.
    if (!values.children && storageType(values) === values) return converter(values, options);
  }
  throw new Misfit(`is of type ${type}, of which no column can be made from rows`);
}

function refuse(type: DataType): Convert {
  return (value) => {
    throw misfit(value, type);
  };
}

function checked(type: DataType, isFit: (value: unknown) => boolean): Convert {
  return (value) => {
    if (!isFit(value)) throw misfit(value, type);
    return value;
  };
}

function convertBytes(type: DataType, isFit: (bytes: Uint8Array) => boolean): Convert {
  return (value) => {
    const bytes = value instanceof ArrayBuffer ? new Uint8Array(value) : value;
    if (!(bytes instanceof Uint8Array && isFit(bytes))) throw misfit(value, type);
    return bytes;
  };
}

/** Intervals are arrays of whole numbers, as columns give them. */
function convertInterval(type: DataType & { unit: IntervalUnit }): Convert {
  const inMonths = type.unit === IntervalUnit.YEAR_MONTH;
  const length = type.unit === IntervalUnit.MONTH_DAY_NANO ? 4 : 2;
  return (value) => {
    const parts = Array.isArray(value) || value instanceof Int32Array ? Array.from(value) : [];
    const isFit = parts.length === length &&
      parts.every((part) => typeof part === "number" && part === (part | 0));
    if (!isFit) throw misfit(value, type);
    return inMonths ? parts[0] * 12 + parts[1] : Int32Array.from(parts);
  };
}

function convertStruct(
  type: DataType,
  fields: readonly Field[],
  { knownFieldsOnly, ...rest }: ConverterOptions,
): Convert {
  const options = { knownFieldsOnly, ...rest };
  const known = new Set(fields.map(({ name }) => name));
  const parts = fields.map((field) => {
    const { name } = field;
    return { name, read: fieldReader(name), convert: fieldConverter(field, options) };
  });
  return (value) => {
    if (!isRecord(value)) throw misfit(value, type);
    if (knownFieldsOnly) checkFields(value, known);
    return parts.map(({ name, read, convert }) => within(() => name, () => convert(read(value))));
  };
}

/**
 * Checks that an object has no other fields than those that are known.
 *
 * @param record The object.
 * @param known The names of the fields.
 * @throws {Misfit} Where it has.
 */
export function checkFields(record: PlainRecord, known: ReadonlySet<string>): void {
  for (const name in record) {
    if (known.has(name) || record[name] === undefined) continue;
    throw new Misfit("is new").within(name);
  }
}

function convertList(
  type: DataType,
  item: Field,
  isFit: (items: readonly unknown[]) => boolean,
  options: ConverterOptions,
): Convert {
  const convert = fieldConverter(item, options);
  return (value) => {
    const isList = typeof value === "object" && value !== null && Symbol.iterator in value &&
      !(value instanceof Map);
    const items = isList ? Array.from(value as Iterable<unknown>) : null;
    if (items === null || !isFit(items)) throw misfit(value, type);
    return items.map((each, at) => within(() => `[${at}]`, () => convert(each)));
  };
}

function convertMap(
  type: DataType,
  [keyField, valueField]: readonly Field[],
  options: ConverterOptions,
): Convert {
  const convertKey = fieldConverter(keyField!, options);
  const convertValue = fieldConverter(valueField!, options);
  return (value) => {
    if (!(value instanceof Map) && !isRecord(value)) throw misfit(value, type);
    const entries = value instanceof Map ? [...value] : Object.entries(value);
    const converted = new Map(
      entries.map(([key, each]) =>
        within(() => `[${String(key)}]`, () => [convertKey(key), convertValue(each)])
      ),
    );
    if (converted.size < entries.length) throw misfit(value, type, "two of its keys are the same");
    return converted;
  };
}
