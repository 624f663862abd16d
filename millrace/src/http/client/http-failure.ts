import { CODES, type Code, Failure, codeFromHttp } from "../../errors/index.ts";
import { STATUS_TEXT } from "../status.ts";
import { isJson } from "../exchange.ts";
import type { Incoming } from "./incoming.ts";
import { parseRetryAfter } from "./retry-after-header.ts";

// A problem is a page at most; of a longer body nothing is kept.
const MAX_BYTES = 64 * 1024;
// The statuses after which the same request may succeed. Source: RFC 9110 section 15, RFC 6585 section 4.
const RETRYABLE: ReadonlySet<number> = new Set([408, 425, 429, 502, 503, 504]);

/** Problem is what an upstream has said of a failure, as it came: it was meant for us, not for our own clients. */
export type Problem = Readonly<Record<string, unknown>>;

/**
 * HttpFailure is an answer with a status of 400 or more. Its code and reason are those of a problem+json, if the answer
 * is one, else the code is guessed from the status and the reason is "http/status_404". It has no detail: what the
 * upstream says is in `problem`.
 */
export class HttpFailure extends Failure {
  readonly status: number;
  /** retryAfterMs is what Retry-After asks for, undefined without one. */
  readonly retryAfterMs: number | undefined;
  readonly problem: Problem | undefined;

  /** @internal */
  constructor(what: string, incoming: Incoming, problem: Problem | undefined) {
    const { status } = incoming;
    const title = STATUS_TEXT[status];
    const said = typeof problem?.["detail"] === "string" ? `: ${problem["detail"]}` : "";
    super(`http: ${what}: ${status}${title === undefined ? "" : ` ${title}`}${said}`, {
      code: codeOfProblem(problem) ?? codeFromHttp(status),
      reason: typeof problem?.["reason"] === "string" ? problem["reason"] : `http/status_${status}`,
      retryable: RETRYABLE.has(status),
    });
    this.status = status;
    this.retryAfterMs = parseRetryAfter(incoming.header("retry-after"));
    this.problem = problem;
  }

  static {
    this.prototype.name = "HttpFailure";
  }
}

/** httpFailureOf reads an answer to the end and makes a failure of it. */
export async function httpFailureOf(what: string, incoming: Incoming): Promise<HttpFailure> {
  return new HttpFailure(what, incoming, await problemOf(incoming));
}

async function problemOf(incoming: Incoming): Promise<Problem | undefined> {
  if (!isJson(incoming.header("content-type"))) {
    await incoming.discard();
    return undefined;
  }
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(await incoming.bytes(MAX_BYTES)));
    return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Problem) : undefined;
  } catch {
    // The status is what counts; a broken body says no more.
    return undefined;
  }
}

function codeOfProblem(problem: Problem | undefined): Code | undefined {
  const code = problem?.["code"];
  return CODES.find((known) => known === code);
}
