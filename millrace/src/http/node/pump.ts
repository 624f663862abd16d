import { park } from "../../context/node.ts";
import { unlink } from "../../runtime/waiter.ts";
import { httpFailure } from "../failure.ts";
import type { Body, Reply } from "../reply.ts";
import { AtEnd, type WireExchange } from "./wire.ts";

/**
 * pump sends a stream with backpressure and ends the answer. When the context ends it cancels the source; it rejects
 * with what the source throws, and when the source gives another number of bytes than the reply promises.
 */
export async function pump(
  x: WireExchange,
  body: ReadableStream<Uint8Array> | AsyncIterable<Uint8Array | string>,
  { length: promised, trailers }: Reply,
): Promise<void> {
  const { sink } = x;
  const source = body instanceof ReadableStream ? readerOf(body) : iteratorOf(body);
  const over = new AtEnd(() => source.cancel(x.err));
  if (x.ended === null) park(x, over);
  else over.wake();
  try {
    for (;;) {
      const chunk = await source.next();
      x.throwIfDone();
      if (chunk === undefined) break;
      x.sentBytes += typeof chunk === "string" ? Buffer.byteLength(chunk) : chunk.byteLength;
      if (promised >= 0 && x.sentBytes > promised) break;
      if (!sink.write(chunk)) await drained(x);
    }
    if (promised >= 0 && x.sentBytes !== promised) {
      source.cancel(undefined);
      throw httpFailure("bad_stream_length", `the stream gave ${x.sentBytes} bytes, ${promised} were promised`);
    }
    if (trailers !== null) x.trail(trailers());
    sink.end();
  } finally {
    unlink(over);
  }
}

/** cancelBody tells a stream that nobody will read it. */
export function cancelBody(body: Body, reason: unknown): void {
  if (body === null || typeof body === "string" || body instanceof Uint8Array) return;
  if (body instanceof ReadableStream) body.cancel(reason).catch(ignore);
  // A Node stream; anything else has not been started.
  else if ("destroy" in body && typeof body.destroy === "function") body.destroy();
}

interface Source {
  /** next is the next piece, undefined at the end. */
  next(): Promise<Uint8Array | string | undefined>;
  cancel(reason: unknown): void;
}

const ignore = (): void => undefined;

function readerOf(stream: ReadableStream<Uint8Array>): Source {
  const reader = stream.getReader();
  return {
    next: async () => (await reader.read()).value,
    cancel: (reason) => void reader.cancel(reason).catch(ignore),
  };
}

function iteratorOf(iterable: AsyncIterable<Uint8Array | string>): Source {
  const iterator = iterable[Symbol.asyncIterator]();
  return {
    next: async () => {
      const { done, value } = await iterator.next();
      return done === true ? undefined : value;
    },
    cancel: () => {
      // A Node stream stops at once; a generator stops at its next yield, and has ctx to stop earlier.
      if ("destroy" in iterable && typeof iterable.destroy === "function") iterable.destroy();
      else void iterator.return?.().catch(ignore);
    },
  };
}

function drained(x: WireExchange): Promise<void> {
  return new Promise((resolve, reject) => {
    const onDrain = (): void => {
      unlink(waiter);
      resolve();
    };
    const waiter = new AtEnd(() => {
      x.sink.off("drain", onDrain);
      reject(x.err!);
    });
    x.sink.once("drain", onDrain);
    park(x, waiter);
  });
}
