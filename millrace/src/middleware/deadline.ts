import { Failure } from "../errors/index.ts";
import { type Middleware, middleware } from "../http/index.ts";

// No budget needs more characters; whoever sends more is trying something.
const MAX_LENGTH = 32;

const SECONDS = /^(\d{1,9}(?:\.\d{1,9})?)$/;
// Source: https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md, "Timeout".
const GRPC = /^(\d{1,8})([HMSmun])$/;
const GRPC_UNIT_MS: Readonly<Record<string, number>> = { H: 3_600_000, M: 60_000, S: 1000, m: 1, u: 1e-3, n: 1e-6 };

/**
 * deadline ends a request when its caller will no longer wait: the caller says so in X-Server-Timeout (seconds, "2.5")
 * or grpc-timeout ("2500m"), counted from the request's arrival; of both the shorter counts. It shortens the route's
 * own limit and never extends it. A budget of 0 is answered with 504 and reaches no handler.
 *
 * A value that is none is ignored, for the own limit holds anyway; one of more than 32 characters, or several in one
 * header, is nobody's mistake and gets a 400.
 */
export function deadline(): Middleware {
  const answers = { 400: "X-Server-Timeout or grpc-timeout is broken." };
  return middleware({ answers }, (next) => (ctx, req) => {
    const seconds = req.header("x-server-timeout");
    const grpc = req.header("grpc-timeout");
    if (seconds === undefined && grpc === undefined) return next(ctx, req);
    const ms = Math.min(parse(seconds, secondsMs), parse(grpc, grpcMs));
    if (ms === 0) {
      throw new Failure("http: the caller's time was up before the request came", {
        code: "deadline_exceeded",
        reason: "http/no_time_left",
      });
    }
    const own = ctx.deadline;
    // Shorter than what is left is shorter than the whole.
    if (ms !== Infinity && (own === undefined || ms < own - Date.now())) req.setDeadline(Math.ceil(ms));
    return next(ctx, req);
  });
}

function parse(text: string | undefined, read: (text: string) => number): number {
  if (text === undefined) return Infinity;
  if (text.length > MAX_LENGTH || text.includes(",")) {
    throw new Failure("http: deadline: a header that no client sends", {
      code: "invalid_argument",
      reason: "http/bad_deadline",
      detail: "X-Server-Timeout and grpc-timeout take one value.",
    });
  }
  return read(text);
}

function secondsMs(text: string): number {
  return SECONDS.test(text) ? Number(text) * 1000 : Infinity;
}

function grpcMs(text: string): number {
  const [, digits, unit = ""] = GRPC.exec(text) ?? [];
  return digits === undefined ? Infinity : Number(digits) * GRPC_UNIT_MS[unit]!;
}
