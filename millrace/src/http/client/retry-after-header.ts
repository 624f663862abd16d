/**
 * parseRetryAfter is a Retry-After header in milliseconds from now: seconds, or an HTTP date; undefined for what is
 * neither. Source: RFC 9110 section 10.2.3.
 */
export function parseRetryAfter(value: string | undefined, now: number = Date.now()): number | undefined {
  if (value === undefined) return undefined;
  const text = value.trim();
  if (/^\d{1,10}$/.test(text)) return Number(text) * 1000;
  // Date.parse takes nearly anything; an HTTP date has a letter and ends with GMT.
  const at = /^[A-Za-z].* GMT$/.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(at) ? undefined : Math.max(0, at - now);
}
