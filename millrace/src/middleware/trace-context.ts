import { type Middleware, middleware } from "../http/index.ts";
import { RandomIds, traceOf } from "../trace/w3c.ts";

/**
 * traceContext makes each request part of the trace that traceparent and tracestate tell of, or begins one, with a span id
 * of its own. Log lines carry its `trace_id`, and requests that are made with the context carry it on; nothing is recorded.
 * Source: https://www.w3.org/TR/trace-context/
 */
export function traceContext(): Middleware {
  const ids = new RandomIds();
  return middleware({}, (next) => (ctx, req) => {
    req.trace = traceOf(req.header("traceparent"), req.header("tracestate"), ids);
    return next(ctx, req);
  });
}
