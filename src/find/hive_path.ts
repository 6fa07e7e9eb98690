/**
 * Columns that are written into the names of folders, as Hive does: `year=2024/month=05`.
 *
 * @module
 */
import { separators } from "./path_parts.ts";

/** The columns that a path tells, in its order. `null` is a null. */
export type HivePartitions = readonly (readonly [key: string, value: string | null])[];

/** The value that Hive and DuckDB write for a null. */
const NULL_PARTITION = "__HIVE_DEFAULT_PARTITION__";

/**
 * Reads the columns from a path.
 *
 * All folders of the path count, as it is written, wherever a pattern or a directory begins: so
 * `orders/year=2024/*.parquet` has the column `year`. DuckDB does so too; Polars does, save for
 * directories, of which it takes the folders below only. What a relative path leaves out doesn't
 * count. A name counts if it has one equals sign, and something before it.
 *
 * Keys and values are percent-decoded, as DuckDB encodes both; what isn't valid
 * UTF-8 stays encoded. A value that is empty is empty text.
 *
 * @param path The path of a file.
 * @returns The keys and their values.
 *
 * @example
 * ```ts
 * import { hivePartitions } from "./hive_path.ts";
 * import { expect } from "@std/expect";
 *
 * expect(hivePartitions("sales/year=2024/city=S%C3%A3o Paulo/part-0.parquet")).toEqual([
 *   ["year", "2024"],
 *   ["city", "São Paulo"],
 * ]);
 * ```
 */
export function hivePartitions(path: string): HivePartitions {
  const partitions: [string, string | null][] = [];
  for (const folder of path.split(separators).slice(0, -1)) {
    const [key, value, ...rest] = folder.split("=");
    if (!key || value === undefined || rest.length > 0) continue;
    partitions.push([decode(key), value === NULL_PARTITION ? null : decode(value)]);
  }
  return partitions;
}

function decode(text: string): string {
  return text.replace(/(?:%[0-9a-f]{2})+/gi, (encoded) => {
    try {
      return decodeURIComponent(encoded);
    } catch {
      return encoded;
    }
  });
}
