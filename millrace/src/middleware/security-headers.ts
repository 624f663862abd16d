import { type Middleware, middleware } from "../http/index.ts";

// For an API: nothing of an answer is ever rendered, framed or sniffed. Source: OWASP REST Security Cheat Sheet.
const DEFAULTS: Readonly<Record<string, string>> = {
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "referrer-policy": "no-referrer",
  "strict-transport-security": "max-age=63072000; includeSubDomains",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
  "x-permitted-cross-domain-policies": "none",
};

/**
 * securityHeaders puts the headers of a locked-down API on every answer. overrides replaces some of them, adds others
 * and takes those away that it sets to false; a handler's own header wins over both.
 */
export function securityHeaders(overrides: Readonly<Record<string, string | false>> = {}): Middleware {
  const all = Object.entries({ ...DEFAULTS, ...overrides });
  const headers = Object.fromEntries(all.filter((entry): entry is [string, string] => entry[1] !== false));
  return middleware({ headers });
}
