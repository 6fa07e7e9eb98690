/** Says that it listens, and does what it is then sent, again and again, until it is ended; or once, and says what it read. */
import { col, encodeNdjson, scanArrow, scanCsv, scanParquet, writeParquet } from "spillway";

/** What a worker may do for ever. */
export type Kind = "arrow" | "csv" | "encode" | "keep" | "predicate" | "write";

/** What a worker is sent. */
export interface Job {
  readonly kind: Kind | "sum";
  readonly path: string;
  /** Where it may write. */
  readonly target: string;
}

/** What it answers. */
export type Answer = "listening" | { readonly rows: number; readonly sum: bigint };

/** What a worker's global scope has, and a window's has in another form. */
interface WorkerScope {
  onmessage: ((event: MessageEvent<Job>) => void) | null;
  postMessage(message: Answer): void;
}

const scope = globalThis as unknown as WorkerScope;
const memoryLimit = "4MiB";
const held: unknown[] = [];

async function drain(stream: ReadableStream): Promise<void> {
  const reader = stream.getReader();
  while (!(await reader.read()).done);
}

const jobs: Readonly<Record<Kind, (job: Job) => Promise<void>>> = {
  arrow: ({ path }) => drain(scanArrow(path, { memoryLimit })),
  csv: ({ path }) => drain(scanCsv(path, { memoryLimit })),
  encode: ({ path }) =>
    drain(scanParquet(path, { memoryLimit }).pipeThrough(encodeNdjson({ memoryLimit }))),
  async keep({ path }) {
    for await (const batch of scanParquet(path, { memoryLimit })) {
      held.push(batch);
      if (held.length > 20) held.shift();
    }
  },
  predicate: ({ path }) =>
    drain(scanParquet(path, { where: col("text").eq("none"), prune: false, memoryLimit })),
  write: ({ path, target }) =>
    scanParquet(path, { memoryLimit }).pipeTo(
      writeParquet(target, { overwrite: true, memoryLimit }),
    ),
};

async function sum(path: string): Promise<void> {
  let rows = 0;
  let total = 0n;
  for await (using batch of scanParquet(path, { columns: ["id"], memoryLimit })) {
    rows += batch.numRows;
    for (const id of batch.getChild("id")!) total += id;
  }
  scope.postMessage({ rows, sum: total });
}

scope.onmessage = async ({ data }) => {
  const { kind, path } = data;
  if (kind === "sum") return await sum(path);
  // Two of them: one may wait natively while the other is at work.
  const forever = async () => {
    for (;;) await jobs[kind](data);
  };
  await Promise.all([forever(), forever()]);
};
scope.postMessage("listening");
