import { type Middleware, middleware, noContent } from "../http/index.ts";

/** CorsOptions says who may call from a browser; nobody else is told anything. */
export interface CorsOptions {
  /** origins are the allowed origins, "https://app.example.com", compared whole; "*" alone allows all, without credentials. */
  readonly origins: readonly string[];
  /** methods are the allowed methods. Default: GET, HEAD, POST, PUT, PATCH, DELETE. */
  readonly methods?: readonly string[];
  /** headers are the request headers that may be sent. Default: authorization, content-type, x-request-id. */
  readonly headers?: readonly string[];
  /** exposed are the answer's headers that a script may read. Default: x-request-id. */
  readonly exposed?: readonly string[];
  /** credentials allows cookies. Default: false. */
  readonly credentials?: boolean;
  /** maxAgeSeconds is how long a browser may keep a preflight's answer. Default: 600. */
  readonly maxAgeSeconds?: number;
}

/** cors answers preflights and allows the listed origins to read. Source: https://fetch.spec.whatwg.org/#http-cors-protocol */
export function cors(options: CorsOptions): Middleware {
  const origins = originsOf(options);
  const anyone = origins.has("*");
  const methods = (options.methods ?? ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]).join(", ");
  const headers = (options.headers ?? ["authorization", "content-type", "x-request-id"]).join(", ");
  const exposed = (options.exposed ?? ["x-request-id"]).join(", ");
  const maxAge = String(options.maxAgeSeconds ?? 600);
  return middleware(anyone ? {} : { headers: { vary: "origin" } }, (next) => (ctx, req) => {
    const origin = req.header("origin");
    if (origin === undefined) return next(ctx, req);
    const allowed = anyone || origins.has(origin);
    if (allowed) {
      req.setHeader("access-control-allow-origin", anyone ? "*" : origin);
      if (options.credentials === true) req.setHeader("access-control-allow-credentials", "true");
    }
    if (req.method !== "OPTIONS" || req.header("access-control-request-method") === undefined) {
      if (allowed && exposed !== "") req.setHeader("access-control-expose-headers", exposed);
      return next(ctx, req);
    }
    if (!allowed) return noContent();
    return noContent()
      .header("access-control-allow-methods", methods)
      .header("access-control-allow-headers", headers)
      .header("access-control-max-age", maxAge);
  });
}

function originsOf({ origins, credentials }: CorsOptions): ReadonlySet<string> {
  for (const origin of origins) {
    if (origin === "*" && origins.length === 1 && credentials !== true) continue;
    if (!URL.canParse(origin) || new URL(origin).origin !== origin) {
      const why = origin === "*" ? "stands alone and without credentials" : "is written like https://app.example.com";
      throw new TypeError(`cors: ${JSON.stringify(origin)}: an origin ${why}`);
    }
  }
  return new Set(origins);
}
