import type { Fault } from "./fault.ts";
import { badChecksums } from "./faults/bad_checksums.ts";
import { declaredSizes } from "./faults/declared_sizes.ts";
import { decompressionBombs } from "./faults/decompression_bombs.ts";
import { truncatedFiles } from "./faults/truncated_files.ts";

/** Every fault that is tried, by the name that `--fault` takes, in the table's order. */
export const faults: Readonly<Record<string, Fault>> = {
  truncated_files: truncatedFiles,
  declared_sizes: declaredSizes,
  bad_checksums: badChecksums,
  decompression_bombs: decompressionBombs,
};
