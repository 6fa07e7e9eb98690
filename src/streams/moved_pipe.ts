/**
 * The two ends of a pipe whose batches go another way.
 *
 * @module
 */

/** Locks a stream until its end is told; resolves, or rejects, with it. */
export function lockUntilEnd<Value>(stream: ReadableStream<Value>): Promise<void> {
  const reader = stream.getReader();
  const { closed } = reader;
  const release = () => reader.releaseLock();
  closed.then(release, release);
  return closed;
}

/** Locks the other side until then, and ends it likewise. */
export function lockUntil<Value>(ended: Promise<void>, writable: WritableStream<Value>): void {
  const writer = writable.getWriter();
  const ignore = () => {};
  writer.closed.catch(ignore);
  ended.then(() => writer.close(), (error) => writer.abort(error)).catch(ignore)
    .finally(() => writer.releaseLock());
}
