/** Begins to read the file that it is sent the path of, says so, and waits to be ended. */
import { scanParquet } from "spillway";

addEventListener("message", async ({ data }: MessageEvent<string>) => {
  const reader = scanParquet(data, { memoryLimit: "8MB" }).getReader();
  const { value } = await reader.read();
  postMessage(value?.numRows);
});
