import type { Readable } from "node:stream";
import type { Ctx } from "../../context/index.ts";
import { type Failure, sentinel } from "../../errors/index.ts";
import { clientFailure } from "./failure.ts";

// Up to here it is cheaper to read an unwanted body than to make a new connection.
const DRAIN_BYTES = 128 * 1024;

/** BODY_OVER is why the context of a call ends that nobody has ended. */
export const BODY_OVER: Failure = sentinel("http/body_over", "canceled", "http: client: the answer's body is over");

/** UndiciBody is what undici gives as a body. */
export interface UndiciBody extends Readable {
  dump(options: { readonly limit: number }): Promise<unknown>;
}

/** Incoming is an answer whose head has come. Its connection is free when the body has ended, or ctx has. */
export class Incoming {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: UndiciBody;
  /** trailers are there when the body has ended. */
  readonly trailers: Incoming["headers"];
  readonly #ctx: Ctx;

  constructor(ctx: Ctx, status: number, headers: Incoming["headers"], body: UndiciBody, trailers: Incoming["headers"]) {
    this.#ctx = ctx;
    this.status = status;
    this.headers = headers;
    this.body = body;
    this.trailers = trailers;
  }

  /** header is a header's value; several are joined as RFC 9110 says. */
  header(name: string): string | undefined {
    const value = this.headers[name];
    return typeof value === "object" ? value.join(", ") : value;
  }

  /** chunks reads the body piece by piece. */
  async *chunks(): AsyncGenerator<Uint8Array> {
    try {
      // undici's bodies give buffers.
      for await (const chunk of this.body as AsyncIterable<Buffer>) yield chunk;
    } catch (err) {
      if (this.#ctx.err !== undefined && this.#ctx.cause !== BODY_OVER) throw this.#ctx.err;
      throw clientFailure("connection_lost", "the answer's body broke off", err);
    }
  }

  /** bytes reads the whole body; a longer one is an error, and the connection is closed. */
  async bytes(maxBytes: number): Promise<Uint8Array> {
    const parts: Uint8Array[] = [];
    let size = Number(this.header("content-length") ?? 0);
    if (size > maxBytes) {
      this.body.destroy();
      throw tooLarge(maxBytes);
    }
    size = 0;
    for await (const chunk of this.chunks()) {
      size += chunk.byteLength;
      if (size > maxBytes) throw tooLarge(maxBytes);
      parts.push(chunk);
    }
    return parts.length === 1 ? parts[0]! : Buffer.concat(parts);
  }

  /** discard gives the connection back: it reads a short rest, and closes the connection before a long one. */
  async discard(): Promise<void> {
    await this.body.dump({ limit: DRAIN_BYTES });
  }
}

function tooLarge(maxBytes: number): Failure {
  return clientFailure("response_too_large", `the answer's body is over ${maxBytes} bytes`);
}
