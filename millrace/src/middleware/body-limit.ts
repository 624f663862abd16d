import { type Middleware, middleware } from "../http/index.ts";

/** bodyLimit bounds how many bytes of body a handler reads; more is a 413. The innermost of a route counts. */
export function bodyLimit(bytes: number): Middleware {
  if (!Number.isSafeInteger(bytes) || bytes < 0)
    throw new RangeError(`bodyLimit: bytes must be at least 0, not ${bytes}`);
  return middleware({ bodyLimit: bytes });
}
