import { type Ctx, type CtxKey, ctxKey, withValue } from "../context/index.ts";
import type { Handler, Middleware, Traits } from "./handler.ts";
import type { Req } from "./req.ts";
import { middleware } from "./traits.ts";

/** Provider is middleware that gives the endpoints which use it a value under a name. */
export interface Provider<Name extends string, T> extends Middleware {
  readonly provides: { readonly name: Name; readonly get: (ctx: Ctx) => T };
}

/**
 * provide makes a Provider of a function that finds the value for each request: an endpoint with `use: [provide("user",
 * find)]` has a `user` in its input. Around a whole scope it is middleware like any other, and its `provides.get(ctx)` is
 * the value. To refuse a request, throw a Failure; say so in the traits' `answers`, for the document of the API.
 */
export function provide<Name extends string, T>(
  name: Name,
  find: (ctx: Ctx, req: Req) => T | Promise<T>,
  traits: Traits = {},
): Provider<Name, T> {
  // The key is this provider's alone, so whoever finds it finds a T.
  const key = ctxKey<T>(name) as CtxKey<T>;
  const mw = middleware(traits, (next) => {
    const go = (ctx: Ctx, req: Req, value: T): ReturnType<Handler> => next(withValue<T>(ctx, key, value), req);
    return (ctx, req) => {
      const found = find(ctx, req);
      return found instanceof Promise ? found.then((value: T) => go(ctx, req, value)) : go(ctx, req, found);
    };
  });
  return Object.assign(mw, { provides: { name, get: (ctx: Ctx): T => ctx.get(key) } });
}
