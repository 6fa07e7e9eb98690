/** A worker that sums the doubles in the buffers it is sent, after a while. */
const worker = globalThis as unknown as {
  onmessage: ((event: MessageEvent<ArrayBuffer>) => void) | null;
  postMessage(sum: number): void;
};

worker.onmessage = async ({ data }) => {
  await new Promise((resolve) => setTimeout(resolve, 100));
  worker.postMessage(new Float64Array(data).reduce((sum, value) => sum + value, 0));
};
