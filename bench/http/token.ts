import { timingSafeEqual } from "node:crypto";

/** TOKEN is what the full-stack subjects accept, and what the load sends. */
export const TOKEN = "bench-token-0123456789abcdef";

const EXPECTED = Buffer.from(TOKEN);

/** isToken compares in constant time, as every subject must. */
export function isToken(token: string): boolean {
  const given = Buffer.from(token);
  return given.length === EXPECTED.length && timingSafeEqual(given, EXPECTED);
}
