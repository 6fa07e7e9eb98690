import { type DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";

/** A database in memory, which is closed when disposed: `await using duckdb = await openDuckDB()`. */
export interface DuckDB extends AsyncDisposable {
  readonly connection: DuckDBConnection;
  /** Runs a statement. */
  run(sql: string): Promise<void>;
  /** The rows of a query, as arrays of DuckDB's values. */
  rows(sql: string): Promise<unknown[][]>;
  /** Writes what a query gives as a Parquet file. */
  write(path: string, query: string): Promise<void>;
}

/** Opens an empty database that uses one thread. */
export async function openDuckDB(): Promise<DuckDB> {
  const instance = await DuckDBInstance.create(":memory:", { threads: "1" });
  const connection = await instance.connect();
  const run = async (sql: string) => void await connection.run(sql);
  return {
    connection,
    run,
    rows: async (sql) => (await connection.runAndReadAll(sql)).getRows(),
    write: (path, query) => run(`COPY (${query}) TO '${path}' (FORMAT parquet)`),
    [Symbol.asyncDispose]: () => {
      connection.closeSync();
      instance.closeSync();
      return Promise.resolve();
    },
  };
}
