/**
 * The layout of a batch's descriptor: the numbers that `spw_scan_next` fills in.
 *
 * After the head come the nodes (length, null count) in the order of a walk over the schema, then
 * the buffers (address, byte length, slot), then what the dictionaries gained.
 *
 * @module
 */

/** Where the head's numbers are. */
export const head = {
  needed: 0,
  sequence: 1,
  rows: 2,
  bytes: 3,
  nodes: 4,
  buffers: 5,
  firstRow: 6,
  decodeMs: 7,
  endedBy: 8,
  dictionaryUpdates: 9,
  bytesPerRow: 10,
  remainingRows: 11,
  heldBytes: 12,
  queuedBytes: 13,
  limitBytes: 14,
  flags: 15,
} as const;

/** Numbers in the head. */
export const headLength = 16;
/** Numbers of a node. */
export const nodeLength = 2;
/** Numbers of a buffer. */
export const bufferLength = 3;
/** Numbers of a dictionary's gain. */
export const dictionaryUpdateLength = 8;
/** The flag that asks for copies, because JavaScript holds more than its share. */
export const copyFlag = 1;
/** Enough for 100 columns at the first try. */
export const firstCapacity = 1_024;

/** The number at an index, which the native side has filled in. */
export function numberAt(descriptor: Float64Array, index: number): number {
  return descriptor[index] ?? 0;
}
