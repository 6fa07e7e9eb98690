/** Says that it listens, begins to read the file that it is then sent the path of, says so, and waits to be ended. */
import { scanParquet } from "spillway";

/** What a worker's global scope has, and a window's has in another form. */
interface WorkerScope {
  onmessage: ((event: MessageEvent<string>) => void) | null;
  postMessage(message: "listening" | "reading"): void;
}

const scope = globalThis as unknown as WorkerScope;

scope.onmessage = async ({ data }) => {
  const reader = scanParquet(data, { memoryLimit: "8MB" }).getReader();
  await reader.read();
  scope.postMessage("reading");
};
scope.postMessage("listening");
