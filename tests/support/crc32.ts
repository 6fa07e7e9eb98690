const TABLE = new Uint32Array(256).map((_, byte) => {
  let entry = byte;
  for (let bit = 0; bit < 8; bit++) entry = entry & 1 ? 0xedb88320 ^ (entry >>> 1) : entry >>> 1;
  return entry;
});

/**
 * The CRC-32 of zlib, to be fed piece by piece.
 *
 * @param bytes What to add
 * @param previous The sum of everything before `bytes`
 * @returns The sum of everything up to the end of `bytes`, unsigned
 */
export function crc32(bytes: Uint8Array, previous = 0): number {
  let crc = ~previous;
  for (let i = 0; i < bytes.length; i++) crc = (crc >>> 8) ^ TABLE[(crc ^ bytes[i]!) & 0xff]!;
  return ~crc >>> 0;
}
