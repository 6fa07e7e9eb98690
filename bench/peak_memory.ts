/**
 * Watches another process's anonymous memory.
 *
 * @module
 */

/** A sampler that runs until it is stopped. */
export interface PeakSampler {
  /** Stops sampling and returns the peak in bytes: NaN where the system has no `/proc`. */
  stop(): number;
}

/**
 * Samples RssAnon of `/proc/<pid>/status` every few milliseconds.
 *
 * Anonymous memory is what a scan allocates; pages of the mapped file (RssFile) belong to the
 * page cache, which the kernel takes back by itself. A look costs about 20 microseconds.
 */
export function samplePeakAnonymous(pid: number, intervalMs = 3): PeakSampler {
  let peak = NaN;
  const timer = setInterval(() => {
    const bytes = anonymousBytes(pid);
    if (!(bytes <= peak)) peak = Number.isNaN(bytes) ? peak : bytes;
  }, intervalMs);
  return {
    stop() {
      clearInterval(timer);
      return peak;
    },
  };
}

function anonymousBytes(pid: number): number {
  try {
    const status = Deno.readTextFileSync(`/proc/${pid}/status`);
    return Number(/^RssAnon:\s+(\d+) kB$/m.exec(status)?.[1] ?? NaN) * 1024;
  } catch {
    // Not on this system, or the process is gone already.
    return NaN;
  }
}
