import { type Ctx, type CtxKey, withValue } from "../context/index.ts";
import { Failure } from "../errors/index.ts";
import { type Handler, type Middleware, type Reply, type Req, middleware, problem } from "../http/index.ts";

/** Verify says whose a token is; undefined: nobody's. It may throw, for instance "unavailable" when it cannot tell. */
export type Verify<T> = (ctx: Ctx, token: string) => T | undefined | Promise<T | undefined>;

/**
 * bearer lets a request through whose Authorization header holds a token that verify accepts, and puts what verify gave
 * into ctx under a key. All others get 401 with WWW-Authenticate. Source: RFC 6750.
 */
export function bearer<T>(key: CtxKey<T | undefined>, verify: Verify<T>): Middleware {
  const answers = { 401: "A valid bearer token is needed." };
  const security = { bearer: { type: "http", scheme: "bearer" } } as const;
  return middleware({ answers, security }, (next) => (ctx, req) => {
    const token = tokenOf(req.header("authorization"));
    if (token === undefined) return refused(req, "Bearer");
    const owner = verify(ctx, token);
    if (owner instanceof Promise) return owner.then((found) => admit(ctx, req, key, found, next));
    return admit(ctx, req, key, owner, next);
  });
}

function admit<T>(
  ctx: Ctx,
  req: Req,
  key: CtxKey<T | undefined>,
  owner: T | undefined,
  next: Handler,
): ReturnType<Handler> {
  if (owner === undefined) return refused(req, 'Bearer error="invalid_token"');
  return next(withValue(ctx, key, owner), req);
}

// The scheme is case-insensitive (RFC 9110 section 11.1); the token is one run of RFC 6750's b64token characters.
function tokenOf(header: string | undefined): string | undefined {
  return header === undefined ? undefined : /^bearer +([\w\-.~+/]+=*) *$/i.exec(header)?.[1];
}

function refused(req: Req, challenge: string): Reply {
  const failure = new Failure("http: no valid bearer token", {
    code: "unauthenticated",
    reason: "http/unauthenticated",
    detail: "A valid bearer token is needed.",
  });
  return problem(req, failure).header("www-authenticate", challenge);
}
