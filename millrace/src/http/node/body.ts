import { park } from "../../context/node.ts";
import { unlink } from "../../runtime/waiter.ts";
import { httpFailure } from "../failure.ts";
import { AtEnd, type WireExchange } from "./wire.ts";

const EMPTY = new Uint8Array(0);

/** readBody reads the whole body, within the limit, until the context ends. */
export function readBody(x: WireExchange): Promise<Uint8Array> {
  try {
    if (!take(x)) return Promise.resolve(EMPTY);
  } catch (err) {
    return Promise.reject(err);
  }
  return new Promise((resolve, reject) => {
    const { source, bodyLimit } = x;
    const parts: Buffer[] = [];
    let size = 0;
    const stop = (): void => {
      unlink(waiter);
      source.off("data", onData);
      source.off("end", onEnd);
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
      source.pause();
      reject(tooLarge(bodyLimit));
    };
    const onEnd = (): void => {
      stop();
      // One chunk is the usual case.
      resolve(parts.length === 1 ? parts[0]! : Buffer.concat(parts));
    };
    source.on("data", onData);
    source.on("end", onEnd);
    park(x, waiter);
  });
}

/** readChunks reads the body piece by piece. */
export async function* readChunks(x: WireExchange): AsyncGenerator<Uint8Array> {
  if (!take(x)) return;
  const { source, bodyLimit } = x;
  let size = 0;
  try {
    for await (const chunk of source.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
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
  if (!x.hasBody) return false;
  if (x.bodyTaken) throw httpFailure("body_already_read", "the body was read before");
  if (Number(x.headers["content-length"] ?? 0) > x.bodyLimit) throw tooLarge(x.bodyLimit);
  x.bodyTaken = true;
  if (x.mustContinue) {
    x.mustContinue = false;
    x.sendContinue();
  }
  return true;
}

function tooLarge(limit: number): Error {
  return httpFailure("body_too_large", `the body is over ${limit} bytes`);
}
