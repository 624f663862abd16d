import type { IncomingMessage } from "node:http";
import { park } from "../../context/node.ts";
import { unlink } from "../../runtime/waiter.ts";
import { httpFailure } from "../failure.ts";
import { AtEnd, type WireExchange } from "./wire.ts";

const EMPTY = new Uint8Array(0);

/** hasBody says whether a request announces a body. Source: RFC 9112 section 6.3. */
export function hasBody(raw: IncomingMessage): boolean {
  const { headers } = raw;
  const length = headers["content-length"];
  return (length !== undefined && length !== "0") || headers["transfer-encoding"] !== undefined;
}

/** readBody reads the whole body, within the limit, until the context ends. */
export function readBody(x: WireExchange): Promise<Uint8Array> {
  try {
    if (!take(x)) return Promise.resolve(EMPTY);
  } catch (err) {
    return Promise.reject(err);
  }
  return new Promise((resolve, reject) => {
    const { raw, bodyLimit } = x;
    const parts: Buffer[] = [];
    let size = 0;
    const stop = (): void => {
      unlink(waiter);
      raw.off("data", onData);
      raw.off("end", onEnd);
    };
    const waiter = new AtEnd(() => {
      stop();
      reject(x.err!);
    });
    const onData = (chunk: Buffer): void => {
      size += chunk.length;
      if (size <= bodyLimit) {
        parts.push(chunk);
        return;
      }
      stop();
      raw.pause();
      reject(tooLarge(bodyLimit));
    };
    const onEnd = (): void => {
      stop();
      // One chunk is the usual case.
      resolve(parts.length === 1 ? parts[0]! : Buffer.concat(parts));
    };
    raw.on("data", onData);
    raw.on("end", onEnd);
    park(x, waiter);
  });
}

/** readChunks reads the body piece by piece. */
export async function* readChunks(x: WireExchange): AsyncGenerator<Uint8Array> {
  if (!take(x)) return;
  const { raw, bodyLimit } = x;
  let size = 0;
  try {
    for await (const chunk of raw.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      x.throwIfDone();
      size += chunk.length;
      if (size > bodyLimit) throw tooLarge(bodyLimit);
      yield chunk;
    }
  } catch (err) {
    // The stream's own "aborted" says less than why the context ended.
    throw x.err ?? err;
  }
}

// False if there is nothing to read.
function take(x: WireExchange): boolean {
  x.throwIfDone();
  if (!hasBody(x.raw)) return false;
  if (x.bodyTaken) throw httpFailure("body_already_read", "the body was read before");
  if (Number(x.raw.headers["content-length"] ?? 0) > x.bodyLimit) throw tooLarge(x.bodyLimit);
  x.bodyTaken = true;
  if (x.mustContinue) {
    x.mustContinue = false;
    x.res.writeContinue();
  }
  return true;
}

function tooLarge(limit: number): Error {
  return httpFailure("body_too_large", `the body is over ${limit} bytes`);
}
