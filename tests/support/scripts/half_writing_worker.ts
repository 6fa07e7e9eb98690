/** Says that it listens, begins to write beside the file that it is then sent the path of, says so, and waits to be ended. */
import { encodeNdjson, scanParquet, writeParquet } from "spillway";

/** What a worker's global scope has, and a window's has in another form. */
interface WorkerScope {
  onmessage: ((event: MessageEvent<{ source: string; path: string }>) => void) | null;
  postMessage(message: "listening" | "writing"): void;
}

const scope = globalThis as unknown as WorkerScope;

scope.onmessage = async ({ data: { source, path } }) => {
  const scan = () => scanParquet(source, { memoryLimit: "8MB" });
  const writer = writeParquet(path, { memoryLimit: "1MB" }).getWriter();
  const reader = scan().getReader();
  await writer.write((await reader.read()).value!);
  const bytes = scan().pipeThrough(encodeNdjson({ memoryLimit: "1MB" })).getReader();
  await bytes.read();
  // A write, a wait for room and a read are under way when the worker ends.
  scan().pipeTo(writeParquet(`${path}.whole`));
  bytes.read();
  scope.postMessage("writing");
};
scope.postMessage("listening");
