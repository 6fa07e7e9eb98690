/**
 * The checks that options of all kinds share: each names the option, what it must be and what it is.
 *
 * @module
 */
import { nearestNames } from "./nearest_names.ts";
import { printable } from "./printable.ts";

/** So much of a wrong value tells which it is. */
const mostShown = 200;

/**
 * Checks that an options object has no unknown names.
 *
 * @param options The options.
 * @param names The names that there are.
 * @param what Who has the options, such as `"Scans"`.
 * @throws {TypeError} Where they are no object, or a name is unknown.
 */
export function checkOptionNames(options: object, names: readonly string[], what: string): void {
  if (typeof options !== "object" || options === null) {
    throw new TypeError(
      `The options of ${what.toLowerCase()} must be an object, not ${shown(options)}`,
    );
  }
  for (const name of Object.keys(options)) {
    if (names.includes(name)) continue;
    const near = nearestNames(name, names);
    const hint = near.length > 0 ? `Did you mean ${near.join(" or ")}?` : "";
    throw new TypeError(
      `${what} have no option ${name}. ${hint || `They have ${names.join(", ")}`}`,
    );
  }
}

/** Checks a list of columns' names, none of them twice; `null` where there is no list. */
export function checkNames(
  names: readonly string[] | undefined,
  option: string,
): readonly string[] | null {
  if (names === undefined) return null;
  if (!Array.isArray(names) || !names.every((name) => typeof name === "string")) {
    throw new TypeError(`${option} must be an array of column names, not ${shown(names)}`);
  }
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new TypeError(`${option} names ${twice} more than once`);
  return [...names];
}

/** Checks a whole number; `null` where there is none. */
export function checkCount(count: number | undefined, option: string, least = 0): number | null {
  if (count === undefined) return null;
  if (typeof count !== "number") {
    throw new TypeError(`${option} must be a number, not ${shown(count)}`);
  }
  if (!Number.isSafeInteger(count) || count < least) {
    throw new RangeError(`${option} must be a whole number, ${least} or more, not ${count}`);
  }
  return count;
}

/** Checks a choice; the first one is the default. */
export function checkChoice<Choice extends string>(
  choice: Choice | undefined,
  option: string,
  choices: readonly [Choice, ...Choice[]],
  others = "",
): Choice {
  if (choice === undefined) return choices[0];
  if (choices.includes(choice)) return choice;
  const allowed = choices.map((name) => `"${name}"`).join(" or ");
  throw new TypeError(`${option} must be ${allowed}${others}, not ${shown(choice)}`);
}

/** Checks a value's type. */
export function checkType<Value>(
  value: Value | undefined,
  option: string,
  type: "boolean" | "function" | "string",
): Value | undefined {
  if (value === undefined || typeof value === type) return value;
  throw new TypeError(`${option} must be a ${type}, not ${shown(value)}`);
}

/** Checks a signal; `null` where there is none. */
export function checkSignal(signal: AbortSignal | undefined): AbortSignal | null {
  if (signal === undefined) return null;
  if (signal instanceof AbortSignal) return signal;
  throw new TypeError(`signal must be an AbortSignal, not ${shown(signal)}`);
}

/** A value as messages show it. */
export function shown(value: unknown): string {
  if (typeof value === "string") return printable(`"${value}"`, mostShown);
  if (typeof value === "object" && value !== null) return value.constructor?.name ?? "an object";
  return printable(String(value), mostShown);
}
