/**
 * Numbers for people.
 *
 * @module
 */

const BYTE_UNITS = ["B", "KiB", "MiB", "GiB", "TiB"];

/** `3,000,000` */
export function count(value: number): string {
  return Math.round(value).toLocaleString("en-US");
}

/** `12.9 MiB` */
export function bytes(value: number): string {
  const unit = Math.min(Math.floor(Math.log2(Math.max(value, 1)) / 10), BYTE_UNITS.length - 1);
  return `${(value / 1024 ** unit).toFixed(unit === 0 ? 0 : 1)} ${BYTE_UNITS[unit]}`;
}

/** `4.2 ms`, `1.35 s` */
export function duration(milliseconds: number): string {
  return milliseconds < 1000
    ? `${milliseconds.toFixed(1)} ms`
    : `${(milliseconds / 1000).toFixed(2)} s`;
}

/** `21 %` */
export function percent(share: number): string {
  return `${(share * 100).toFixed(0)} %`;
}
