import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { type Ctx, withTimeout } from "../context/index.ts";
import { type Code, Failure, codeFromHttp } from "../errors/index.ts";
import { parseRetryAfter } from "../http/client/retry-after-header.ts";
import { retry } from "../resilience/index.ts";
import type { Target } from "./target.ts";

// Source: https://opentelemetry.io/docs/specs/otlp/#retryable-response-codes
const RETRYABLE: ReadonlySet<number> = new Set([429, 502, 503, 504]);
// An answer says little; of a longer one nothing is read.
const MAX_ANSWER = 64 * 1024;

const zip = promisify(gzip);

class SendFailure extends Failure {
  readonly retryAfterMs: number | undefined;

  constructor(
    message: string,
    code: Code,
    retryable: boolean,
    more: { retryAfterMs?: number | undefined; cause?: unknown },
  ) {
    super(`otlp: ${message}`, { code, reason: "otlp/export_failed", retryable, cause: more.cause });
    this.retryAfterMs = more.retryAfterMs;
  }
}

/**
 * post sends a request in JSON, up to attempts times, not before Retry-After, and gives how many of its spans or data
 * points the collector has rejected.
 */
export async function post(ctx: Ctx, target: Target, attempts: number, text: string): Promise<number> {
  const body = target.gzip ? await zip(text) : text;
  return await retry(ctx, { attempts }, (ctx) => once(ctx, target, body));
}

async function once(ctx: Ctx, target: Target, body: string | Uint8Array<ArrayBuffer>): Promise<number> {
  using limited = withTimeout(ctx, target.timeoutMs);
  let response: Response;
  let answer: string;
  try {
    response = await fetch(target.url, {
      method: "POST",
      headers: {
        ...target.headers,
        "content-type": "application/json",
        ...(target.gzip && { "content-encoding": "gzip" }),
      },
      body,
      redirect: "error",
      signal: limited.signal,
    });
    answer = await textOf(response);
  } catch (err) {
    throw new SendFailure("the collector does not answer", "unavailable", true, { cause: err });
  }
  const { status } = response;
  if (response.ok) return rejectedOf(answer);
  const retryAfterMs = parseRetryAfter(response.headers.get("retry-after") ?? undefined);
  throw new SendFailure(`the collector answers ${status}`, codeFromHttp(status), RETRYABLE.has(status), {
    retryAfterMs,
  });
}

async function textOf(response: Response): Promise<string> {
  if (response.body === null) return "";
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body) {
    bytes += chunk.byteLength;
    // Leaving the loop closes the connection.
    if (bytes > MAX_ANSWER) return "";
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

function rejectedOf(answer: string): number {
  try {
    const parsed: unknown = JSON.parse(answer);
    // A wrong shape reads as undefined all the way, and throws at null, which is caught.
    const { partialSuccess } = parsed as {
      partialSuccess?: { rejectedSpans?: unknown; rejectedDataPoints?: unknown };
    };
    const rejected = Number(partialSuccess?.rejectedSpans ?? partialSuccess?.rejectedDataPoints ?? 0);
    return Number.isSafeInteger(rejected) && rejected > 0 ? rejected : 0;
  } catch {
    return 0;
  }
}
