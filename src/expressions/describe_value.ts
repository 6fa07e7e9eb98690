/**
 * Wrong values in messages.
 *
 * @module
 */

/**
 * Says what a value is.
 *
 * @param value Any value.
 * @returns A few words for it, such as `an object of Map` or `"text"`.
 */
export function describeValue(value: unknown): string {
  switch (typeof value) {
    case "string":
      return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}...` : value);
    case "object":
      if (value === null) return "null";
      if (Array.isArray(value)) return "an array";
      return `an object of ${value.constructor?.name ?? "no class"}`;
    case "function":
      return "a function";
    case "bigint":
      return `${value}n`;
    default:
      return String(value);
  }
}
