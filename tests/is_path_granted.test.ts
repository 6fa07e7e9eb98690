import { expect } from "@std/expect";
import { realpathSync } from "node:fs";
import process from "node:process";
import { repositoryRoot, runtime, tempDirectory, test } from "./support/harness.ts";
import { runScript } from "./support/run_script.ts";

/** The native library, where it lies elsewhere. */
const library = [process.env["SPILLWAY_LIBRARY"]].filter((path) => path !== undefined);
const onDeno = runtime === "deno";

for (const where of ["everywhere", "in the files' folder"]) {
  test.skipIf(!onDeno)(
    `Deno is asked of folders and not of each file, where it allows reading and writing ${where}`,
    async () => {
      using directory = tempDirectory();
      const folder = realpathSync(directory.path);
      const [read, write] = where === "everywhere"
        ? ["--allow-read", "--allow-write"]
        : [`--allow-read=${[repositoryRoot, folder, ...library]}`, `--allow-write=${folder}`];
      const { code, stdout, stderr } = await runScript("read_uploads", {
        args: [folder],
        denoFlags: ["--no-prompt", "--allow-ffi", "--allow-env", read, write],
      });
      expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
      const { rows, asked } = JSON.parse(stdout) as { rows: number; asked: string[] };
      expect(rows).toBe(20 * 5);
      // Folders around the files, and theirs; never one of the files.
      expect(asked.filter((path) => !folder.startsWith(path))).toEqual([]);
    },
  );
}
