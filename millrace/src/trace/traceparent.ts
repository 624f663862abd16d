import { type CtxKey, ctxKey } from "../context/index.ts";

/**
 * traceparent is the key under which a context carries the trace that it is part of, as W3C's header has it; an outgoing
 * request sends it on. Source: https://www.w3.org/TR/trace-context/#traceparent-header
 */
export const traceparent: CtxKey<string | undefined> = ctxKey<string>("millrace/trace.traceparent");

/**
 * tracestate is the key under which a context carries what tracing systems have said of its trace, as W3C's header has
 * it; an outgoing request that sends a traceparent sends it on.
 */
export const tracestate: CtxKey<string | undefined> = ctxKey<string>("millrace/trace.tracestate");
