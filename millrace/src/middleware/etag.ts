import { hash } from "node:crypto";
import { Failure } from "../errors/index.ts";
import { type Middleware, Reply, type Req, middleware, problem } from "../http/index.ts";
import { conditionOf } from "../http/conditional.ts";
import { headerOf, onReply } from "./on-reply.ts";

/** EtagOptions says what a tag promises. */
export interface EtagOptions {
  /**
   * weak makes tags that promise the same meaning, not the same bytes: they do for 304, not for ranges. Default: false.
   */
  readonly weak?: boolean;
}

/**
 * etag gives a GET's 200 a tag made of its body's bytes, and answers 304 without a body to whoever has it already
 * (If-None-Match), 412 to If-Match with another. The handler runs all the same: what is saved is the way, not the work.
 * A tag or Last-Modified of the handler's own is taken instead; a stream without one passes as it is. Source: RFC 9110
 * section 13.
 */
export function etag(options: EtagOptions = {}): Middleware {
  const prefix = options.weak === true ? 'W/"' : '"';
  const tagged = (req: Req, reply: Reply): Reply => {
    if (reply.status !== 200) return reply;
    let tag = headerOf(reply, "etag");
    const modified = headerOf(reply, "last-modified");
    if (tag === undefined && modified === undefined) {
      const { body } = reply;
      if (typeof body !== "string" && !(body instanceof Uint8Array)) return reply;
      // 160 bits are more than chance needs; that SHA-1 can be made to collide is no matter among one's own answers.
      tag = `${prefix}${hash("sha1", body, "base64url")}"`;
      reply.header("etag", tag);
    }
    const modifiedMs = modified === undefined ? undefined : Date.parse(modified);
    const condition = conditionOf(req, { etag: tag, modifiedMs });
    if (condition === "proceed") return reply;
    // The server sends no body with a 304 and cancels one that is a stream; a handler may give one reply many times.
    const out = condition === "failed" ? problem(req, FAILED) : new Reply(304, "", reply.body);
    out.head = reply.head!.filter((_, i, head) => !dropped(head[i - (i % 2)]!));
    return out;
  };
  const answers = {
    304: { methods: ["GET"], why: "The client has it already." },
    412: { methods: ["GET"], why: "It is not, or no longer, what If-Match names." },
  };
  return middleware({ answers }, (next) => (ctx, req) => {
    const result = next(ctx, req);
    return req.method === "GET" || req.method === "HEAD" ? onReply(result, (reply) => tagged(req, reply)) : result;
  });
}

const FAILED = new Failure("http: etag: a precondition has failed", {
  code: "failed_precondition",
  reason: "http/precondition_failed",
  detail: "It is not, or no longer, what the request's conditions name.",
});

// They describe the body that is not sent.
function dropped(name: string): boolean {
  return name === "content-type" || name === "content-encoding" || name === "content-range";
}
