import { type CtxKey, ctxKey } from "../context/index.ts";
import type { Span } from "./span.ts";
import type { Trace } from "./w3c.ts";

/** activeSpan is the key under which a context carries the span that it is part of, recorded or not. */
export const activeSpan: CtxKey<Span | undefined> = ctxKey<Span>("millrace/trace.span");

/** spanIn is the span that a trace is, if it is one; a trace that was only read from headers is none. @internal */
export function spanIn(trace: Trace | undefined): Span | undefined {
  // Only a Span has it.
  return trace !== undefined && "recording" in trace ? (trace as Span) : undefined;
}
