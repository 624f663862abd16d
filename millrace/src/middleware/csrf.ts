import { Failure } from "../errors/index.ts";
import { type Middleware, type Req, middleware } from "../http/index.ts";

/** CsrfOptions says who may do what same-origin pages may. */
export interface CsrfOptions {
  /** origins are other sites that may send requests, "https://app.example.com", compared whole. Default: none. */
  readonly origins?: readonly string[];
  /**
   * bypass are patterns of routes, as the router has them, that anyone may call from a browser: a SAML callback, a
   * webhook. Their handlers must not believe a cookie. Default: none.
   */
  readonly bypass?: readonly string[];
}

/**
 * csrf refuses, with 403, requests that a browser sends from another site: cookies would go with them. It needs no
 * token: GET, HEAD and OPTIONS pass, and so must change nothing; of the others, Sec-Fetch-Site has to say "same-origin"
 * or "none"; where it is missing, Origin's host has to be the request's Host; where both are, it is no browser's.
 * Source: Go 1.25, net/http.CrossOriginProtection, and https://words.filippo.io/csrf.
 */
export function csrf(options: CsrfOptions = {}): Middleware {
  const trusted = new Set(options.origins ?? []);
  for (const origin of trusted) {
    if (!URL.canParse(origin) || new URL(origin).origin !== origin) {
      throw new TypeError(`csrf: ${JSON.stringify(origin)}: an origin is written like https://app.example.com`);
    }
  }
  const bypass = new Set(options.bypass ?? []);
  const answers = { 403: { methods: ["POST", "PUT", "PATCH", "DELETE"], why: "The request came from another site." } };
  return middleware({ answers }, (next) => (ctx, req) => {
    if (isSafe(req.method) || isSameOrigin(req)) return next(ctx, req);
    const origin = req.header("origin");
    if ((origin !== undefined && trusted.has(origin)) || bypass.has(req.pattern)) return next(ctx, req);
    throw new Failure("http: csrf: a request from another site", {
      code: "permission_denied",
      reason: "http/cross_origin",
      detail: "This resource takes no requests from other sites.",
    });
  });
}

function isSafe(method: string): boolean {
  return method === "GET" || method === "HEAD" || method === "OPTIONS";
}

function isSameOrigin(req: Req): boolean {
  const site = req.header("sec-fetch-site");
  if (site !== undefined && site !== "") return site === "same-origin" || site === "none";
  const origin = req.header("origin");
  if (origin === undefined || origin === "") return true;
  // A browser too old for Sec-Fetch-Site. Host has no scheme, so http://… may post to https://… of the same name: HSTS
  // is what stops that.
  return URL.canParse(origin) && new URL(origin).host === hostOf(req);
}

// Browsers leave out a default port on both sides; who writes it means the same host.
function hostOf(req: Req): string | undefined {
  return req.header("host")?.toLowerCase();
}
