/**
 * Where the repository's sources step out of what their languages check.
 *
 * @module
 */

/** A use of `unsafe` in Rust. */
export interface UnsafeUse {
  /** The line, from 1. */
  readonly line: number;
  /** A block, or the declaration of a function or an implementation, whose users have to keep a promise. */
  readonly kind: "block" | "declaration";
  /** Whether a comment says why it is sound: `SAFETY` at a block, `# Safety` at a declaration. */
  readonly justified: boolean;
}

/** So many lines of a statement may stand between the comment and its block. */
const mostLinesBetween = 4;

/**
 * Finds the uses of `unsafe` in a Rust source.
 *
 * @param source The source.
 * @returns The uses, in order. Types of function pointers and attributes are none.
 */
export function unsafeUses(source: string): UnsafeUse[] {
  const lines = source.split("\n");
  const uses: UnsafeUse[] = [];
  lines.forEach((text, index) => {
    for (const { kind } of usesIn(withoutTexts(text))) {
      const justified = kind === "block" ? hasReason(lines, index) : hasPromise(lines, index);
      uses.push({ line: index + 1, kind, justified });
    }
  });
  return uses;
}

function usesIn(code: string): Pick<UnsafeUse, "kind">[] {
  const found = code.matchAll(
    /\bunsafe\s+(\{|impl\b|trait\b|(?:extern\s*""\s*)?fn\s+\w)|\bunsafe\s*$/g,
  );
  return Array.from(
    found,
    ([, what]) => ({ kind: what?.startsWith("{") ?? true ? "block" : "declaration" }),
  );
}

/** The code of a line: without its comment, and with nothing in its strings. */
function withoutTexts(line: string): string {
  return line.replace(/"(?:[^"\\]|\\.)*"/g, '""').replace(/\/\/.*/, "");
}

function hasReason(lines: readonly string[], index: number): boolean {
  let code = 0;
  for (let at = index - 1; at >= 0 && code < mostLinesBetween; at--) {
    const line = lines[at]!.trim();
    if (/^\/\/ SAFETY: ./.test(line)) return true;
    if (!line.startsWith("//")) code++;
  }
  return false;
}

function hasPromise(lines: readonly string[], index: number): boolean {
  for (let at = index - 1; at >= 0; at--) {
    const line = lines[at]!.trim();
    if (line.startsWith("/// # Safety") || line.startsWith("// SAFETY:")) return true;
    if (!line.startsWith("///") && !line.startsWith("//") && !line.startsWith("#[")) return false;
  }
  return false;
}

/** What TypeScript can't be held responsible for: pointers, and calls by them. */
const pointers =
  /Deno\.(?:Unsafe\w+|dlopen)|process\.dlopen|["']bun:ffi["']|\bUnsafePointer\w*|\btoArrayBuffer\(/;

/** The lines of a TypeScript source, from 1, that handle pointers. */
export function pointerUses(source: string): number[] {
  return source.split("\n").flatMap((line, index) => {
    const code = line.replace(/^\s*(?:\*|\/\/|\/\*).*/, "");
    return pointers.test(code) ? [index + 1] : [];
  });
}
