/** Leak is something that must not be written down, where it was. */
export interface Leak {
  readonly what: string;
  readonly where: string;
}

// Addresses of the domains that are kept for examples: every test makes up its users there.
const EMAIL = /[\w.+-]+@example\.(?:com|org|net)/i;
// As a header has it; in a line of ours there is never one.
const BEARER = /\bBearer [\w.~+/-]{8,}/;
// The words of a manual are none.
const PASSWORD_IN_URL = /:\/\/[^\s:@/?#]*:(?!\*\*\*@|PASSWORD@)[^\s@/]+@/;

/**
 * leaks walks texts that a process has written, and finds the secrets that it was given, whole, as they are or escaped for a
 * URL or for JSON, and what looks like an address, a bearer or a URL with a password, whoever made it up.
 */
export function leaks(texts: readonly string[], secrets: Readonly<Record<string, string>> = {}): Leak[] {
  const given = Object.entries(secrets).flatMap(([what, secret]) =>
    [...new Set([secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)])].map((form) => ({
      what,
      form,
    })),
  );
  const looks = { "an e-mail address": EMAIL, "a bearer": BEARER, "a password in a URL": PASSWORD_IN_URL };
  return texts.flatMap((where) => [
    ...given.filter(({ form }) => where.includes(form)).map(({ what }) => ({ what, where })),
    ...Object.entries(looks).flatMap(([what, pattern]) => (pattern.test(where) ? [{ what, where }] : [])),
  ]);
}
