/**
 * A server that answers with streams, and a client that reads as slowly as it likes.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { connect, type Socket } from "node:net";
import { runtime } from "./harness.ts";

/** A server on this machine, which is closed when disposed: `await using server = serve(...)`. */
export interface TestServer extends AsyncDisposable {
  readonly port: number;
}

type Body = ReadableStream<Uint8Array<ArrayBuffer>>;

interface BunServer {
  readonly port: number;
  stop(closeConnections: boolean): Promise<void>;
}

interface BunGlobal {
  serve(options: {
    hostname: string;
    port: number;
    fetch(): Response;
    error(error: Error): Response;
  }): BunServer;
}

const hostname = "127.0.0.1";

/** Starts the runtime's own server, which answers each request with a stream. */
export function serve(body: () => Body): TestServer {
  const answer = () =>
    new Response(body(), { headers: { "content-type": "application/x-ndjson" } });
  if (runtime === "bun") {
    const { Bun } = globalThis as unknown as { Bun: BunGlobal };
    const error = () => new Response("failed", { status: 500 });
    const server = Bun.serve({ hostname, port: 0, fetch: answer, error });
    return { port: server.port, [Symbol.asyncDispose]: () => server.stop(true) };
  }
  const stop = new AbortController();
  const server = Deno.serve(
    {
      hostname,
      port: 0,
      signal: stop.signal,
      onListen: () => {},
      onError: () => new Response(null),
    },
    answer,
  );
  return {
    port: server.addr.port,
    [Symbol.asyncDispose]: async () => {
      stop.abort();
      await server.finished;
    },
  };
}

/** A client that has asked for `/` and reads the answer by its own rules. */
export class SlowClient {
  /** Bytes of the answer so far, its head and its framing included. */
  received = 0;
  /** Resolves when the server has ended the answer, or the connection broke. */
  readonly ended: Promise<void>;
  readonly #socket: Socket;
  readonly #parts: Uint8Array[] = [];
  #limit: number;
  #paused = Promise.withResolvers<void>();

  /**
   * Connects.
   *
   * @param port The server's port
   * @param limit The client stops reading once it has so many bytes
   */
  constructor(port: number, limit: number) {
    this.#limit = limit;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.ended = promise;
    this.#socket = connect(port, hostname, () => {
      this.#socket.write(`GET / HTTP/1.1\r\nHost: ${hostname}\r\nConnection: close\r\n\r\n`);
    });
    this.#socket.on("data", (bytes: Uint8Array) => {
      this.received += bytes.length;
      this.#parts.push(bytes);
      if (this.received < this.#limit) return;
      this.#socket.pause();
      this.#paused.resolve();
    });
    this.#socket.on("close", () => resolve());
    this.#socket.on("error", () => resolve());
  }

  /** Resolves once the client has read its bytes, and reads no more. */
  get paused(): Promise<void> {
    return this.#paused.promise;
  }

  /** Reads on, up to so many bytes in all. */
  resume(limit: number): void {
    this.#limit = limit;
    this.#paused = Promise.withResolvers();
    this.#socket.resume();
  }

  /** Breaks the connection. */
  disconnect(): void {
    this.#socket.destroy();
  }

  /**
   * The answer's body, put together of its chunks.
   *
   * @throws {Error} Where the answer isn't whole
   */
  body(): string {
    const bytes = Buffer.concat(this.#parts);
    const parts: Uint8Array[] = [];
    for (let at = bytes.indexOf("\r\n\r\n") + 4;;) {
      const start = bytes.indexOf("\r\n", at) + 2;
      const length = Number.parseInt(bytes.toString("latin1", at, start), 16);
      if (start < 2 || !(start + length < bytes.length)) throw new Error("The answer is cut off");
      if (length === 0) return Buffer.concat(parts).toString();
      parts.push(bytes.subarray(start, start + length));
      at = start + length + 2;
    }
  }
}
