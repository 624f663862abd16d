import http, { type IncomingMessage } from "node:http";
import https from "node:https";
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
export async function post(ctx: Ctx, target: Target, attempts: number, bytes: Uint8Array): Promise<number> {
  const body = target.gzip ? await zip(bytes) : bytes;
  return await retry(ctx, { attempts }, (ctx) => once(ctx, target, body));
}

async function once(ctx: Ctx, target: Target, body: Uint8Array): Promise<number> {
  using limited = withTimeout(ctx, target.timeoutMs);
  let response: IncomingMessage;
  let answer: string;
  try {
    response = await send(target, body, limited.signal);
    answer = await textOf(response);
  } catch (err) {
    throw new SendFailure("the collector does not answer", "unavailable", true, { cause: err });
  }
  const status = response.statusCode ?? 0;
  if (status >= 200 && status < 300) return rejectedOf(answer);
  const retryAfterMs = parseRetryAfter(response.headers["retry-after"]);
  throw new SendFailure(`the collector answers ${status}`, codeFromHttp(status), RETRYABLE.has(status), {
    retryAfterMs,
  });
}

// Not by fetch, which takes twice as long for it.
function send(target: Target, body: Uint8Array, signal: AbortSignal): Promise<IncomingMessage> {
  const headers = {
    ...target.headers,
    "content-type": "application/json",
    "content-length": body.length,
    ...(target.gzip && { "content-encoding": "gzip" }),
  };
  const { request } = target.url.startsWith("https:") ? https : http;
  return new Promise((resolve, reject) => {
    request(target.url, { method: "POST", headers, signal }, resolve).once("error", reject).end(body);
  });
}

async function textOf(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length;
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
