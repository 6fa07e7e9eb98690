/**
 * What is used of `@duckdb/node-api`.
 *
 * @module
 */

interface NodeApi {
  readonly DuckDBInstance: { create(): Promise<{ connect(): Promise<Connection> }> };
}

/** A connection to a database. */
export interface Connection {
  stream(sql: string): Promise<AsyncIterable<Chunk> & { columnNames(): string[] }>;
}

/** Some 2048 rows of a result. */
export interface Chunk {
  readonly rowCount: number;
  getColumnVector(index: number): { getItem(row: number): unknown };
}

/** Loads the library and makes a database in memory. */
export async function connect(): Promise<Connection> {
  // Named in a variable, so that type-checking the repository doesn't download it.
  const nodeApi = "@duckdb/node-api";
  const { DuckDBInstance }: NodeApi = await import(nodeApi);
  return await (await DuckDBInstance.create()).connect();
}

/** The integer within DuckDB's decimal. */
export function unscaled(item: unknown): number {
  return Number(part(item, "value"));
}

/** The days since 1970 within DuckDB's date. */
export function days(item: unknown): number {
  return Number(part(item, "days"));
}

function part(item: unknown, name: string): unknown {
  if (typeof item === "object" && item !== null && name in item) return Reflect.get(item, name);
  throw new Error(`Not a value with ${name}: ${item}`);
}
