/** Begins to read the file that it is sent the path of, says so, and waits to be ended. */
import { scanParquet } from "spillway";

/** What a worker's global scope has, and a window's has in another form. */
interface WorkerScope {
  onmessage: ((event: MessageEvent<string>) => void) | null;
  postMessage(message: unknown): void;
}

const scope = globalThis as unknown as WorkerScope;

scope.onmessage = async ({ data }) => {
  const reader = scanParquet(data, { memoryLimit: "8MB" }).getReader();
  const { value } = await reader.read();
  scope.postMessage(value?.numRows);
};
