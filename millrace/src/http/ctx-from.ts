import { type Ctx, background, fromSignal } from "../context/index.ts";

const CONTEXTS: WeakMap<Request, Ctx> = new WeakMap();

/**
 * ctxFrom is the context that a handler of another framework works in, by the native Request that `mount` gave it: with
 * the values that middleware has put in, the deadline, and an end when the client goes. Of a Request that came from
 * elsewhere it is a context that ends with the Request's signal, and has no values.
 *
 *     hono.get("/users/:id", async (c) => c.json(await pool.one(ctxFrom(c.req.raw), …)));
 */
export function ctxFrom(request: Request): Ctx {
  return CONTEXTS.get(request) ?? fromSignal(background, request.signal);
}

/** withCtx remembers the context of a request, and gives the request. */
export function withCtx(request: Request, ctx: Ctx): Request {
  CONTEXTS.set(request, ctx);
  return request;
}
