import type { Ctx } from "../context/index.ts";
import { runAs } from "../runtime/current.ts";
import { activeSpan } from "./active.ts";
import { RecordingSpan } from "./recording-span.ts";
import type { Span } from "./span.ts";
import { type SpanOptions, tracerKey } from "./tracer.ts";
import { NOWHERE, UnsampledSpan } from "./unsampled-span.ts";

const NO_OPTIONS: SpanOptions = {};

/**
 * startSpan begins a span below the one that ctx is part of; without one, a trace of ctx's tracer. Without a tracer, and
 * in a trace that is not sampled, it is one that records nothing. End it: `using span = startSpan(ctx, "price")`, and
 * work with `span.ctx`.
 *
 * A name is for grouping, so it holds no ids: "find user", with the user as an attribute.
 */
export function startSpan(ctx: Ctx, name: string, options: SpanOptions = NO_OPTIONS): Span {
  const parent = ctx.get(activeSpan);
  if (parent instanceof RecordingSpan) return parent.tracer.child(ctx, parent, name, options);
  if (parent !== undefined) return new UnsampledSpan(ctx, parent);
  const tracer = ctx.get(tracerKey);
  return tracer === undefined ? new UnsampledSpan(ctx, NOWHERE) : tracer.begin(ctx, name, options);
}

/**
 * span does a piece of work as a span of its own: it begins with the call, notes what fn throws as `fail` does, and ends
 * when fn has returned, or its promise has settled. fn is given the span's context, for all that it calls.
 */
export function span<R>(ctx: Ctx, name: string, fn: (ctx: Ctx, span: Span) => R, options?: SpanOptions): R {
  const started = startSpan(ctx, name, options);
  if (!started.recording) return fn(started.ctx, started);
  let result: R;
  try {
    // So that `current()` knows it.
    result = runAs(started.ctx, fn, started.ctx, started);
  } catch (err) {
    started.fail(err).end();
    throw err;
  }
  if (!(result instanceof Promise)) {
    started.end();
    return result;
  }
  // R is a promise, and this one of the same value.
  return result.then(
    (value: unknown) => {
      started.end();
      return value;
    },
    (err: unknown) => {
      started.fail(err).end();
      throw err;
    },
  ) as R;
}
