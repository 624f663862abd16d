import type { Handler, Middleware, Traits } from "./handler.ts";
import { headerName, headerValue, isAppended } from "./header.ts";
import type { FinishHook } from "./req.ts";

/**
 * middleware makes a Middleware of traits, and of a wrapper where something must be decided for each request.
 * A router takes the traits off it; called by hand it applies them to each request itself, so that none is ever lost.
 */
export function middleware(traits: Traits, wrap: (next: Handler) => Handler = (next) => next): Middleware {
  // So that a bad header shows when the middleware is made.
  mergeTraits([traits]);
  const applied = (next: Handler): Handler => {
    const inner = wrap(next);
    return (ctx, req) => {
      for (const [name, value] of Object.entries(traits.headers ?? {})) req.setHeader(name, value);
      if (traits.onFinish !== undefined) req.onFinish(traits.onFinish);
      if (traits.deadlineMs !== undefined) req.setDeadline(traits.deadlineMs);
      if (traits.bodyLimit !== undefined) req.setBodyLimit(traits.bodyLimit);
      return inner(ctx, req);
    };
  };
  return Object.assign(applied, { traits, [WRAP]: wrap });
}

// The wrapper without its traits, for the router, which has merged them.
const WRAP = Symbol("wrap");

/** Merged are the traits of a route as the engine uses them. */
export interface Merged {
  /** names and lines are the static headers, in lower case, and as they go over the wire. */
  readonly names: readonly string[];
  readonly lines: readonly string[];
  /** block is all lines in one. */
  readonly block: string;
  readonly hooks: readonly FinishHook[];
  /** deadlineMs and bodyLimit are -1 where none was said. */
  readonly deadlineMs: number;
  readonly bodyLimit: number;
}

/** mergeTraits merges traits from the outermost to the innermost. */
export function mergeTraits(all: readonly Traits[]): Merged {
  const names: string[] = [];
  const lines: string[] = [];
  for (const [rawName, value] of all.flatMap((t) => Object.entries(t.headers ?? {}))) {
    const name = headerName(rawName);
    const line = `${name}: ${headerValue(name, value)}\r\n`;
    const at = isAppended(name) ? -1 : names.indexOf(name);
    if (at >= 0) lines[at] = line;
    else if (!lines.includes(line)) {
      names.push(name);
      lines.push(line);
    }
  }
  return {
    names,
    lines,
    block: lines.join(""),
    hooks: all.flatMap((t) => t.onFinish ?? []),
    deadlineMs: all.findLast((t) => t.deadlineMs !== undefined)?.deadlineMs ?? -1,
    bodyLimit: all.findLast((t) => t.bodyLimit !== undefined)?.bodyLimit ?? -1,
  };
}

/** NO_TRAITS are those of a handler without middleware. */
export const NO_TRAITS: Merged = mergeTraits([]);

/** wrapAll composes middleware around a handler, the first outermost, without the traits that mergeTraits has taken. */
export function wrapAll(chain: readonly Middleware[], handler: Handler): Handler {
  return chain.reduceRight<Handler>((next, mw) => {
    // Only middleware() puts a WRAP on a function.
    const wrap = (mw as { readonly [WRAP]?: (next: Handler) => Handler })[WRAP];
    return wrap === undefined ? mw(next) : wrap(next);
  }, handler);
}
