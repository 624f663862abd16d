import type { Ctx } from "../../context/index.ts";
import { type Span, startSpan } from "../index.ts";

/** ClientTracing are hooks of a client of `millrace/http/client`. */
export interface ClientTracing {
  request(
    ctx: Ctx,
    request: TracedRequest,
  ): { readonly ctx: Ctx; readonly end: (status: number, err: unknown) => void };
}

/** TracedRequest is what they need to know of a request. */
export interface TracedRequest {
  readonly method: string;
  readonly origin: string;
  readonly path: string;
}

/**
 * clientTracing makes every request that a client sends a span, retries and hedges too, named by its method; the upstream is
 * told that span's id. It is an error when the answer is 400 or more, or there is none:
 * `newClient({ baseUrl, hooks: clientTracing() })`. Source: https://opentelemetry.io/docs/specs/semconv/http/http-spans/
 */
export function clientTracing(): ClientTracing {
  return {
    request(ctx, request) {
      const span = startSpan(ctx, request.method, { kind: "client" });
      if (span.recording) describe(span, request);
      return { ctx: span.ctx, end: (status, err) => finish(span, status, err) };
    },
  };
}

function describe(span: Span, { method, origin, path }: TracedRequest): void {
  const url = new URL(origin);
  span.set("http.request.method", method).set("url.full", origin + path);
  span.set("server.address", url.hostname);
  span.set("server.port", url.port === "" ? (url.protocol === "https:" ? 443 : 80) : Number(url.port));
}

function finish(span: Span, status: number, err: unknown): void {
  if (status > 0) span.set("http.response.status_code", status);
  if (status >= 400) span.set("error.type", String(status)).mark("error");
  else if (err !== undefined) span.fail(err);
  span.end();
}
