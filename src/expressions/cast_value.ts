/**
 * What casts give.
 *
 * @module
 */
import type { CastType } from "./cast_type.ts";

/** What a value that is cast to a type can be used as. */
export type CastValue<Type extends CastType> = Type extends "boolean" ? boolean
  : Type extends "string" ? string
  : Type extends "binary" ? Uint8Array
  : Type extends "date" | `time${string}` ? Date
  : number;
