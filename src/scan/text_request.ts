/**
 * What a scan of text asks of the native side, beside what all scans do.
 *
 * @module
 */

/** A text format and how its bytes come: it is sent as JSON. */
export interface TextRequest {
  /** The format's name, with its options. */
  readonly format: { readonly [name: string]: object };
  /** How the text is compressed; where `null`, files are by their names, and pushed bytes are not. */
  readonly compression: "gzip" | "none" | "zstd" | null;
  /** Whether the bytes are pushed; there is no file then. */
  readonly pushed: boolean;
}
