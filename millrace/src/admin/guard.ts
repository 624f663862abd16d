import { createHash, timingSafeEqual } from "node:crypto";
import { isIPv4 } from "node:net";
import { ctxKey } from "../context/index.ts";
import { Failure } from "../errors/index.ts";
import { type Handler, type Middleware, middleware } from "../http/index.ts";
import { bearer, csrf, securityHeaders } from "../middleware/index.ts";
import type { Secret } from "../secret/index.ts";

/** GuardOptions are what decides who may ask. */
export interface GuardOptions {
  readonly addr: string;
  readonly token: Secret<string> | undefined;
  readonly hosts: readonly string[];
}

const MIN_TOKEN = 16;

/** checkAddress throws when other machines could reach an address and nothing would keep them out. */
export function checkAddress(addr: string, token: Secret<string> | undefined): void {
  if (token !== undefined && token.reveal().length < MIN_TOKEN) {
    throw new RangeError(`admin: the token must have at least ${MIN_TOKEN} characters, not ${token.reveal().length}`);
  }
  if (token !== undefined || isLoopback(hostOf(addr) ?? "")) return;
  throw new Failure(`admin: other machines can reach ${addr}: give a token, or listen on 127.0.0.1`, {
    code: "failed_precondition",
    reason: "admin/token_required",
  });
}

/**
 * guarded puts around a handler what every answer needs and every request must pass, also those to no route: the headers
 * of a page that nobody may keep, frame or sniff; the Host; the token; and no changes by pages of other sites.
 */
export function guarded(handler: Handler, { addr, token, hosts }: GuardOptions): Handler {
  const chain = [
    securityHeaders({ "cache-control": "no-store", "strict-transport-security": false }),
    knownHost(addr, hosts),
    ...(token === undefined ? [] : [tokenNeeded(token)]),
    csrf(),
  ];
  return chain.reduceRight((next, each) => each(next), handler);
}

/**
 * notFromOtherPages refuses what a browser sends for a page of another site, a link too: it could not read the answer,
 * but have the process profiled again and again.
 */
export const notFromOtherPages: Middleware = middleware({}, (next) => (ctx, req) => {
  const site = req.header("sec-fetch-site");
  if (site === undefined || site === "same-origin" || site === "none") return next(ctx, req);
  throw new Failure("admin: a page of another site asked for a profile", {
    code: "permission_denied",
    reason: "admin/cross_origin",
    detail: "A page of another site may not ask for this. Enter the address by hand.",
  });
});

// A name of an attacker's that DNS leads here makes a page of theirs one of ours; its Host gives it away.
function knownHost(addr: string, hosts: readonly string[]): Middleware {
  const known = new Set(hosts.map((host) => host.toLowerCase()));
  for (const host of known) {
    if (hostOf(host) === host) continue;
    throw new TypeError(`admin: hosts: ${JSON.stringify(host)}: a host is written like debug.internal or [::1]`);
  }
  const own = hostOf(addr);
  if (own !== undefined) known.add(own);
  return middleware({}, (next) => (ctx, req) => {
    const host = hostOf(req.header("host") ?? "");
    if (host !== undefined && (isLoopback(host) || known.has(host))) return next(ctx, req);
    throw new Failure("admin: a request for another host", {
      code: "permission_denied",
      reason: "admin/unknown_host",
      detail: "This server is asked for by localhost or a loopback address, or by a host in its option hosts.",
    });
  });
}

function tokenNeeded(token: Secret<string>): Middleware {
  const want = digest(token.reveal());
  // Digests have one length, which is what comparing in constant time needs.
  return bearer(ctxKey<true>("millrace/admin"), (_ctx, given) => timingSafeEqual(digest(given), want) || undefined);
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "[::1]" || (isIPv4(host) && host.startsWith("127."));
}

// The host of "host:port" or "[::1]:port", the port being optional; "" is none, as are names with anything strange.
function hostOf(text: string): string | undefined {
  return /^(\[[\da-f:.]+\]|[\w.-]+)(?::\d{1,5})?$/i.exec(text)?.[1]?.toLowerCase();
}
