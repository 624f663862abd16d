import { codeOf } from "../errors/index.ts";
import { type FinishHook, type Handler, type Middleware, type Req, middleware, statusOf } from "../http/index.ts";
import { spanIn } from "../trace/active.ts";
import type { Span, Tracer } from "../trace/index.ts";
import { RandomIds, traceOf } from "../trace/w3c.ts";

/** TracingOptions says who records, and what the server cannot know. */
export interface TracingOptions {
  /** tracer decides which requests are recorded, and takes their spans. */
  readonly tracer: Tracer;
  /** scheme is what clients speak: with TLS in front of the server, "https". Default: "http". */
  readonly scheme?: "http" | "https";
}

// What a span may be named and grouped by; anything else a client can make up. Source: semantic conventions, HTTP.
const METHODS: ReadonlySet<string> = new Set("CONNECT DELETE GET HEAD OPTIONS PATCH POST PUT QUERY TRACE".split(" "));

/**
 * tracing makes each request a span of the trace that traceparent tells of, or begins one, as traceContext does; in
 * standard it stands in its place. Spans that are started with the context, log lines and outgoing requests belong to
 * it. It is named "GET /users/:id", with attributes as the semantic conventions have them, and is an error when
 * the answer is 500 or more: to ask for something that is not there is no error of the server's. The query is left out.
 * Source: https://opentelemetry.io/docs/specs/semconv/http/http-spans/
 */
export function tracing(options: TracingOptions): Middleware {
  const { tracer, scheme = "http" } = options;
  const ids = new RandomIds();
  const failed = new WeakSet<Span>();
  const note = (span: Span, err: unknown): void => {
    if (statusOf(err) < 500 || codeOf(err) === "canceled") return;
    span.fail(err);
    failed.add(span);
  };
  const run = (span: Span, next: Handler, req: Req): ReturnType<Handler> => {
    try {
      const result = next(span.ctx, req);
      if (!(result instanceof Promise)) return result;
      return result.catch((err: unknown) => {
        note(span, err);
        throw err;
      });
    } catch (err) {
      note(span, err);
      throw err;
    }
  };
  const onFinish: FinishHook = (_ctx, req, { status, sentBytes }) => {
    const span = spanIn(req.trace);
    if (span === undefined || !span.recording) return;
    span.set("http.response.status_code", status).set("http.response.body.size", sentBytes);
    span.set("client.address", req.clientIp);
    if (status >= 500 && !failed.has(span)) span.set("error.type", String(status)).mark("error");
    span.end();
  };
  return middleware({ onFinish }, (next) => (ctx, req) => {
    const trace = req.trace ?? traceOf(req.header("traceparent"), req.header("tracestate"), ids);
    const span = tracer.join(ctx, trace, "", { kind: "server", startedAt: req.startedAt });
    req.trace = span;
    if (!span.recording) return next(ctx, req);
    describe(span, req, scheme);
    return run(span, next, req);
  });
}

function describe(span: Span, req: Req, scheme: string): void {
  const known = METHODS.has(req.method);
  const method = known ? req.method : "HTTP";
  span.rename(req.pattern === "" ? method : `${method} ${req.pattern}`);
  span.set("http.request.method", known ? req.method : "_OTHER");
  if (!known) span.set("http.request.method_original", req.method);
  span.set("http.route", req.pattern === "" ? undefined : req.pattern);
  span.set("url.path", req.path).set("url.scheme", scheme);
  const [, address, port] = /^(\[[^\]]*\]|[^:]*)(?::(\d+))?$/.exec(req.header("host") ?? "") ?? [];
  if (address !== undefined && address !== "") {
    span.set("server.address", address);
    span.set("server.port", port === undefined ? (scheme === "https" ? 443 : 80) : Number(port));
  }
  span.set("network.peer.address", req.remoteAddress);
  span.set("user_agent.original", req.header("user-agent"));
}
