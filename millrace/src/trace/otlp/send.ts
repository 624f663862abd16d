import { type Ctx, withTimeout } from "../../context/index.ts";
import { type Code, Failure, codeFromHttp } from "../../errors/index.ts";
import { parseRetryAfter } from "../../http/client/retry-after-header.ts";

/** Target is where batches go. */
export interface Target {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
}

// Source: https://opentelemetry.io/docs/specs/otlp/#retryable-response-codes
const RETRYABLE: ReadonlySet<number> = new Set([429, 502, 503, 504]);
// An answer says little; of a longer one nothing is read.
const MAX_ANSWER = 64 * 1024;

class SendFailure extends Failure {
  readonly retryAfterMs: number | undefined;

  constructor(
    message: string,
    code: Code,
    retryable: boolean,
    more: { retryAfterMs?: number | undefined; cause?: unknown },
  ) {
    super(`trace: otlp: ${message}`, { code, reason: "trace/export_failed", retryable, cause: more.cause });
    this.retryAfterMs = more.retryAfterMs;
  }
}

/** send sends one batch once, and gives how many spans of it the collector has rejected. */
export async function send(ctx: Ctx, target: Target, body: string): Promise<number> {
  using limited = withTimeout(ctx, target.timeoutMs);
  let response: Response;
  let answer: string;
  try {
    response = await fetch(target.url, {
      method: "POST",
      headers: { ...target.headers, "content-type": "application/json" },
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
    const { partialSuccess } = parsed as { partialSuccess?: { rejectedSpans?: unknown } };
    const rejected = Number(partialSuccess?.rejectedSpans ?? 0);
    return Number.isSafeInteger(rejected) && rejected > 0 ? rejected : 0;
  } catch {
    return 0;
  }
}
