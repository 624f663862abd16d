import { Readable, type Transform, pipeline } from "node:stream";
import { constants, createBrotliCompress, createGzip, createZstdCompress } from "node:zlib";
import { type Middleware, Reply, middleware } from "../http/index.ts";
import { preferencesOf } from "../http/preference.ts";
import { headerOf, onReply, typeOf } from "./on-reply.ts";

/** CompressOptions says what is worth it. */
export interface CompressOptions {
  /** minBytes is the shortest body that is compressed, if its length is known. Default: 1024, about one packet. */
  readonly minBytes?: number;
}

// 30 kB of JSON took 0.22 ms with zstd at 3, 0.39 ms with brotli at 4 and 0.45 ms with gzip at 6, all to a quarter.
const CODINGS: readonly Coding[] = ["zstd", "br", "gzip"];

type Coding = "zstd" | "br" | "gzip";

/**
 * compress compresses text as the client prefers (Accept-Encoding with its weights; among equals zstd, br, gzip), as a
 * stream: a body of any length takes 0.4 MB (gzip) to 2 MB (br), and event streams are flushed with each piece. Left as
 * they are: short bodies, what is no text, what has a Content-Encoding, ranges, and `no-transform`. A strong ETag
 * becomes weak.
 *
 * Where an answer holds a secret (a token, not a cookie) and words of the request, its length tells of the secret
 * (BREACH): set `cache-control: no-transform` there.
 */
export function compress(options: CompressOptions = {}): Middleware {
  const minBytes = options.minBytes ?? 1024;
  if (!Number.isSafeInteger(minBytes) || minBytes < 0) {
    throw new RangeError(`compress: minBytes must be at least 0, not ${minBytes}`);
  }
  return middleware({ headers: { vary: "accept-encoding" } }, (next) => (ctx, req) => {
    const coding = codingOf(req.header("accept-encoding"));
    const result = next(ctx, req);
    return coding === undefined
      ? result
      : onReply(result, (reply) => (isWorth(reply, minBytes) ? compressed(reply, coding) : reply));
  });
}

/** codingOf is the coding that a client likes best, undefined for none. Source: RFC 9110 section 12.5.3. */
export function codingOf(accept: string | undefined): Coding | undefined {
  if (accept === undefined || accept === "") return undefined;
  // Nearly all clients are a few browsers.
  const known = KNOWN.get(accept);
  if (known !== undefined) return known ?? undefined;
  const members = preferencesOf(accept);
  let best: Coding | undefined;
  let bestWeight = members.find((m) => m.value === "identity")?.weight ?? 0;
  for (const coding of CODINGS) {
    const names = coding === "gzip" ? ["gzip", "x-gzip", "*"] : [coding, "*"];
    const weight = names.map((name) => members.find((m) => m.value === name)).find((m) => m !== undefined)?.weight ?? 0;
    if (weight > bestWeight || (weight > 0 && weight === bestWeight && best === undefined)) {
      best = coding;
      bestWeight = weight;
    }
  }
  return best;
}

const KNOWN: ReadonlyMap<string, Coding> = new Map([
  ["gzip, deflate, br, zstd", "zstd"],
  ["gzip, deflate, br", "br"],
  ["gzip, deflate", "gzip"],
]);

const TEXT = /^(?:text\/|application\/(?:json|xml|javascript|yaml|wasm|[\w.-]+\+(?:json|xml|yaml))|image\/svg\+xml)/i;
const NO_TRANSFORM = /(?:^|[,\s])no-transform(?:$|[,\s])/i;

function isWorth(reply: Reply, minBytes: number): boolean {
  const { status, body } = reply;
  if (body === null || status === 204 || status === 304 || status === 206) return false;
  const length = typeof body === "string" || body instanceof Uint8Array ? body.length : reply.length;
  if (length >= 0 && length < minBytes) return false;
  if (!TEXT.test(typeOf(reply)) || headerOf(reply, "content-encoding") !== undefined) return false;
  return !NO_TRANSFORM.test(headerOf(reply, "cache-control") ?? "");
}

function compressed(reply: Reply, coding: Coding): Reply {
  const { body } = reply;
  const live = typeOf(reply).startsWith("text/event-stream");
  const size = typeof body === "string" || body instanceof Uint8Array ? body.length : -1;
  const stream = compressor(coding, live, size);
  // Whoever reads the result sees its errors, and when he goes, the source ends.
  if (typeof body === "string" || body instanceof Uint8Array) stream.end(body);
  else pipeline(sourceOf(body!), stream, () => destroyBody(body!));
  const out = new Reply(reply.status, reply.type, stream);
  // A copy, since a handler may give one reply many times; a range of the original is none of this.
  out.head = reply.head?.filter((_, i, head) => head[i - (i % 2)] !== "accept-ranges") ?? null;
  const tag = headerOf(reply, "etag");
  if (tag?.startsWith('"') === true) out.header("etag", `W/${tag}`);
  return out.header("content-encoding", coding);
}

// One that owns something, a file, gives it back also when it has never been read.
function destroyBody(body: object): void {
  if ("destroy" in body && typeof body.destroy === "function") body.destroy();
}

function sourceOf(body: Exclude<Reply["body"], null | string | Uint8Array>): Readable {
  return body instanceof Readable ? body : Readable.from(body, { objectMode: false });
}

// A window of 256 kB and a middling level: what an answer made for one request can pay for.
function compressor(coding: Coding, live: boolean, size: number): Transform {
  if (coding === "gzip") return createGzip({ level: 6, ...(live ? { flush: constants.Z_SYNC_FLUSH } : {}) });
  if (coding === "br") {
    return createBrotliCompress({
      ...(live ? { flush: constants.BROTLI_OPERATION_FLUSH } : {}),
      params: {
        [constants.BROTLI_PARAM_QUALITY]: 4,
        [constants.BROTLI_PARAM_LGWIN]: 18,
        [constants.BROTLI_PARAM_SIZE_HINT]: Math.max(0, size),
      },
    });
  }
  return createZstdCompress({
    ...(live ? { flush: constants.ZSTD_e_flush } : {}),
    params: { [constants.ZSTD_c_compressionLevel]: 3, [constants.ZSTD_c_windowLog]: 18 },
  });
}
