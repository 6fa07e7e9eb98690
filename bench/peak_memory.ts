/**
 * Watches another process's memory, and may end that process when it takes too much.
 *
 * @module
 */

/** The highest values that were seen, in bytes: NaN where the system has no `/proc`. */
export interface PeakMemory {
  /** What the process allocated: RssAnon, and RssShmem, which isn't backed by a file either. */
  readonly anonymousBytes: number;
  /** The kernel's own high-water mark of all resident pages, those of mapped files included. */
  readonly totalBytes: number;
}

/** A sampler that runs until it is stopped. */
export interface MemorySampler {
  /** Stops sampling and returns the peak. */
  stop(): PeakMemory;
  /** Whether the process was ended because it took more than it may. */
  readonly ranOut: boolean;
}

/** How {@linkcode samplePeakMemory} looks. */
export interface MemorySamplerOptions {
  readonly intervalMs?: number;
  /**
   * The anonymous memory above which the process is killed.
   *
   * This stands in for a memory cgroup, which ordinary users can't make everywhere. A cgroup also
   * kills for anonymous memory only, as it takes back the pages of files first. `ulimit -v` would
   * count reserved addresses instead: V8 reserves many GiB that it never uses, and a mapped file
   * counts whole. RLIMIT_DATA counts what allocators reserve.
   */
  readonly capBytes?: number;
}

/**
 * Samples `/proc/<pid>/status` every few milliseconds.
 *
 * Anonymous memory is what a scan allocates; pages of the mapped file (RssFile) belong to the
 * page cache, which the kernel takes back by itself. A look costs about 20 microseconds.
 */
export function samplePeakMemory(
  pid: number,
  { intervalMs = 3, capBytes = Infinity }: MemorySamplerOptions = {},
): MemorySampler {
  let peak: PeakMemory = { anonymousBytes: NaN, totalBytes: NaN };
  let ranOut = false;
  const timer = setInterval(() => {
    const now = look(pid);
    if (!now) return;
    peak = {
      anonymousBytes: larger(peak.anonymousBytes, now.anonymousBytes),
      totalBytes: larger(peak.totalBytes, now.totalBytes),
    };
    if (now.anonymousBytes > capBytes && !ranOut) {
      ranOut = true;
      Deno.kill(pid, "SIGKILL");
    }
  }, intervalMs);
  return {
    stop() {
      clearInterval(timer);
      return peak;
    },
    get ranOut() {
      return ranOut;
    },
  };
}

function larger(peak: number, now: number): number {
  return Number.isNaN(peak) ? now : Math.max(peak, now);
}

function look(pid: number): PeakMemory | undefined {
  let status;
  try {
    status = Deno.readTextFileSync(`/proc/${pid}/status`);
  } catch {
    // Not on this system, or the process is gone already.
    return undefined;
  }
  const bytes = (name: string) =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(status)?.[1] ?? NaN) * 1024;
  const anonymousBytes = bytes("RssAnon") + bytes("RssShmem");
  // A process that ended has a status without its memory until its parent takes note.
  if (Number.isNaN(anonymousBytes)) return undefined;
  return { anonymousBytes, totalBytes: bytes("VmHWM") };
}
