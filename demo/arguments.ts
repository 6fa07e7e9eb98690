/** What a person wants of the demo. */
export interface DemoArguments {
  /** Paths or patterns of files; none for the flights. */
  readonly patterns: readonly string[];
  /** The condition for their rows, or `null` for all. */
  readonly condition: string | null;
}

/**
 * Reads the words of a command line.
 *
 * @param words The words, such as `data.parquet --where 'delay > 60'`.
 * @returns What they say.
 * @throws {TypeError} Where one can't be understood.
 */
export function demoArguments(words: readonly string[]): DemoArguments {
  const patterns: string[] = [];
  const conditions: string[] = [];
  const rest = words.values();
  for (const word of rest) {
    // `deno task demo -- data.parquet` hands the dashes on.
    if (word === "--") continue;
    const [option, ...value] = word.split("=");
    if (!word.startsWith("--")) patterns.push(word);
    else if (option !== "--where") {
      throw new TypeError(`There is no option ${option}; there is --where 'CONDITION'`);
    } else {
      const condition = value.length > 0 ? value.join("=") : rest.next().value;
      if (condition === undefined) {
        throw new TypeError("Give a condition after --where, such as --where 'delay > 60'");
      }
      conditions.push(condition);
    }
  }
  if (conditions.length > 1) throw new TypeError("Give --where once, and join conditions by AND");
  return { patterns, condition: conditions[0] ?? null };
}
