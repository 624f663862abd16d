import { hash } from "node:crypto";
import { type Ctx, withTimeout, withoutCancel } from "../context/index.ts";
import { Failure } from "../errors/index.ts";
import { type Handler, type Middleware, Reply, type Req, middleware, problem } from "../http/index.ts";
import { replyOf } from "../http/from-response.ts";
import { idempotencyMemory } from "./idempotency-memory.ts";

/** StoredAnswer is an answer in a form that can be kept and given again. */
export interface StoredAnswer {
  readonly status: number;
  readonly type: string;
  /** head are names and values by turns. */
  readonly head: readonly string[];
  readonly body: Uint8Array;
}

/** IdempotencyClaim is what became of the wish to use a key. */
export type IdempotencyClaim =
  /** It is this request's: exactly one settle or release follows. */
  | { readonly state: "mine" }
  /** A request that came earlier, with this fingerprint, still has it. */
  | { readonly state: "busy"; readonly fingerprint: string }
  /** It was answered; undefined when the answer was too long to be kept. */
  | { readonly state: "settled"; readonly fingerprint: string; readonly answer: StoredAnswer | undefined };

/** IdempotencyStore keeps the outcomes of keys; each call ends with its ctx. */
export interface IdempotencyStore {
  /** claim takes a key if it is free, in one atomic step. */
  claim(ctx: Ctx, key: string, fingerprint: string): IdempotencyClaim | Promise<IdempotencyClaim>;
  /** settle keeps the outcome of a key that is this request's. */
  settle(ctx: Ctx, key: string, answer: StoredAnswer | undefined): void | Promise<void>;
  /** release makes the key free again: nothing has come of the request. */
  release(ctx: Ctx, key: string): void | Promise<void>;
}

/** IdempotencyKeyOptions says whose keys they are and where outcomes are kept. */
export interface IdempotencyKeyOptions {
  /** owner says whose a key is: the user, the API key. Two owners' equal keys have nothing to do with each other. */
  readonly owner: (ctx: Ctx, req: Req) => string;
  /** required answers 400 to a request without a key. Default: false, it is done without. */
  readonly required?: boolean;
  /** store keeps the outcomes. Default: this process's memory, 10,000 keys for 24 hours. */
  readonly store?: IdempotencyStore;
  /** maxBodyBytes is the longest body that is kept to be given again. Default: 64 KiB. */
  readonly maxBodyBytes?: number;
}

// What is kept is kept also when the client has gone meanwhile, but not at any price.
const STORE_MS = 5000;
// As the draft has it, a string; quotes are what its syntax asks for and hardly any client sends.
const KEY = /^(?:"[\x20\x21\x23-\x5b\x5d-\x7e]{1,255}"|[\x21\x23-\x7e]{1,255})$/;

/**
 * idempotencyKey lets a client repeat a POST or PATCH that it had no answer to: the first answer that a handler
 * *returns*, if it is no 5xx, is kept under the Idempotency-Key and given again, with `idempotent-replayed: true`. What
 * a handler throws is no outcome: the key is free again, so throw only where nothing has been done. 422: the key came
 * with another request (method, path, query or body); 409 with Retry-After: the first one is still at work; 409
 * "http/idempotency_lost": it was answered at greater length than is kept. Responses that set cookies are kept without
 * them.
 *
 * The key and the effect are not one transaction: a process that dies between them leaves the effect done and the key
 * free. Where the effect is in a database, keep the key there, in the same transaction, as the storefront's transfers
 * do.
 * Source: https://datatracker.ietf.org/doc/html/draft-ietf-httpapi-idempotency-key-header
 */
export function idempotencyKey(options: IdempotencyKeyOptions): Middleware {
  const { owner, required = false, store = idempotencyMemory(), maxBodyBytes = 64 * 1024 } = options;
  if (!Number.isSafeInteger(maxBodyBytes) || maxBodyBytes < 0)
    throw new RangeError(`idempotencyKey: maxBodyBytes must be at least 0, not ${maxBodyBytes}`);
  const methods = ["POST", "PATCH"];
  const answers = {
    400: { methods, why: "The Idempotency-Key is missing or broken." },
    409: { methods, why: "The first request with this Idempotency-Key is still at work, or its answer was not kept." },
    422: { methods, why: "The Idempotency-Key was used with another request." },
  };
  return middleware({ answers }, (next) => {
    const keyed = async (ctx: Ctx, req: Req, header: string): Promise<Reply | Response> => {
      if (!KEY.test(header))
        throw refusal("bad_key", "invalid_argument", "Idempotency-Key must be 1 to 255 visible ASCII characters.");
      const key = hash("sha256", JSON.stringify([owner(ctx, req), header.replaceAll('"', "")]), "base64url");
      const fingerprint = await fingerprintOf(req);
      const claim = await store.claim(ctx, key, fingerprint);
      if (claim.state === "mine") return first(ctx, req, key);
      if (claim.fingerprint !== fingerprint)
        throw refusal(
          "key_reused",
          "invalid_argument",
          "This Idempotency-Key was used with another request.",
          "http/unprocessable",
        );
      if (claim.state === "busy") return problem(req, BUSY).header("retry-after", "1");
      if (claim.answer === undefined)
        throw refusal(
          "lost",
          "aborted",
          "This request has been done; its answer was not kept.",
          "http/idempotency_lost",
        );
      return again(claim.answer);
    };
    const first = async (ctx: Ctx, req: Req, key: string): Promise<Reply | Response> => {
      let kept: { reply: Reply; answer: StoredAnswer | undefined };
      try {
        kept = await keep(await next(ctx, req), maxBodyBytes);
      } catch (err) {
        await late(ctx, (ctx) => store.release(ctx, key));
        throw err;
      }
      const { reply, answer } = kept;
      await late(ctx, (ctx) => (reply.status < 500 ? store.settle(ctx, key, answer) : store.release(ctx, key)));
      return reply;
    };
    const handler: Handler = (ctx, req) => {
      if (req.method !== "POST" && req.method !== "PATCH") return next(ctx, req);
      const header = req.header("idempotency-key");
      if (header !== undefined) return keyed(ctx, req, header);
      if (required) throw refusal("no_key", "invalid_argument", "This request needs an Idempotency-Key.");
      return next(ctx, req);
    };
    return handler;
  });
}

const BUSY = new Failure("http: idempotency key: the first request is still at work", {
  code: "aborted",
  reason: "http/idempotency_in_progress",
  detail: "A request with this Idempotency-Key is still at work; see Retry-After.",
});

function refusal(
  what: string,
  code: "invalid_argument" | "aborted",
  detail: string,
  reason = `http/idempotency_${what}`,
): Failure {
  return new Failure(`http: idempotency key: ${what}`, { code, reason, detail });
}

// The body is read here and then once more by the handler, which finds it read.
async function fingerprintOf(req: Req): Promise<string> {
  const body = await req.bytes();
  req.bytes = () => Promise.resolve(body);
  req.chunks = async function* () {
    yield body;
  };
  const text = JSON.stringify([req.method, req.path, req.search, hash("sha256", body, "base64url")]);
  return hash("sha256", text, "base64url");
}

// A body that comes in pieces is read to be kept; one that is too long goes on to the client as it came.
async function keep(
  result: Reply | Response,
  maxBytes: number,
): Promise<{ reply: Reply; answer: StoredAnswer | undefined }> {
  const reply = result instanceof Reply ? result : replyOf(result);
  const { status, type, body } = reply;
  const head = (reply.head ?? []).filter((_, i, all) => all[i - (i % 2)] !== "set-cookie");
  const answerOf = (bytes: Uint8Array): StoredAnswer | undefined =>
    bytes.length > maxBytes ? undefined : { status, type, head, body: bytes };
  if (body === null) return { reply, answer: answerOf(new Uint8Array(0)) };
  if (typeof body === "string") return { reply, answer: answerOf(Buffer.from(body)) };
  if (body instanceof Uint8Array) return { reply, answer: answerOf(body) };
  const parts: Buffer[] = [];
  let size = 0;
  const rest = body[Symbol.asyncIterator]();
  for (let next = await rest.next(); next.done !== true; next = await rest.next()) {
    const part = Buffer.from(next.value);
    parts.push(part);
    size += part.length;
    if (size > maxBytes) return { reply: withBody(reply, concat(parts, rest), reply.length), answer: undefined };
  }
  const bytes = Buffer.concat(parts);
  return { reply: withBody(reply, bytes, -1), answer: answerOf(bytes) };
}

async function* concat(
  parts: readonly Buffer[],
  rest: AsyncIterator<Uint8Array | string>,
): AsyncGenerator<Uint8Array | string> {
  yield* parts;
  try {
    for (let next = await rest.next(); next.done !== true; next = await rest.next()) yield next.value;
  } finally {
    await rest.return?.();
  }
}

function withBody({ status, type, head }: Reply, body: Reply["body"], length: number): Reply {
  return Object.assign(new Reply(status, type, body), { head, length });
}

function again({ status, type, head, body }: StoredAnswer): Reply {
  const reply = new Reply(status, type, status === 204 ? null : body);
  reply.head = [...head];
  return reply.header("idempotent-replayed", "true");
}

// Also when the request's context has ended.
async function late(ctx: Ctx, fn: (ctx: Ctx) => void | Promise<void>): Promise<void> {
  using bounded = withTimeout(withoutCancel(ctx), STORE_MS);
  await fn(bounded);
}
