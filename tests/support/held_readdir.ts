import fs from "node:fs/promises";

/** Reading folders, watched: `using folders = holdReaddir(folder, 3)`. */
export interface HeldReaddir extends Disposable {
  /** Folders below the one that is watched that were asked for so far. */
  readonly count: number;
  /** Settles when the held one is asked for. */
  readonly reached: Promise<void>;
  /** Lets it be read, and waits until it is. */
  letGo(): Promise<void>;
}

/**
 * Counts the folders that are read in this process, and keeps one of them waiting.
 *
 * @param folder Only folders below it count
 * @param at The number of the one that waits: 1 for the first
 */
export function holdReaddir(folder: string, at: number): HeldReaddir {
  const { readdir } = fs;
  const reached = Promise.withResolvers<void>();
  const letGo = Promise.withResolvers<void>();
  let count = 0;
  let held: Promise<unknown> = Promise.resolve();
  const watched = (path: string, ...more: unknown[]) => {
    const read = () => Reflect.apply(readdir, fs, [path, ...more]);
    if (!path.startsWith(folder) || ++count !== at) return read();
    reached.resolve();
    return held = letGo.promise.then(read);
  };
  Object.assign(fs, { readdir: watched });
  return {
    get count() {
      return count;
    },
    reached: reached.promise,
    letGo: async () => {
      letGo.resolve();
      await held;
    },
    [Symbol.dispose]: () => Object.assign(fs, { readdir }),
  };
}
