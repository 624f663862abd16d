/** Span is a part of a file, from its first byte to its last. */
export interface Span {
  readonly first: number;
  readonly last: number;
}

// Nobody needs more at once; who asks for more, or for the same bytes again and again, gets the whole.
const MAX_SPANS = 10;

/**
 * @internal spansOf reads a Range header against a size. undefined: ignore it, the whole is the answer (another unit,
 * no range, too many); an empty list: nothing of it exists (416). Source: RFC 9110 section 14.
 */
export function spansOf(header: string | undefined, size: number): Span[] | undefined {
  const list = header === undefined ? undefined : /^bytes=([\d\s,-]{1,400})$/i.exec(header)?.[1];
  if (list === undefined) return undefined;
  const spans: Span[] = [];
  let asked = 0;
  for (const text of list.split(",")) {
    if (text.trim() === "") continue;
    const [, first, last] = /^\s*(\d*)-(\d*)\s*$/.exec(text) ?? [];
    if (first === undefined || last === undefined || (first === "" && last === "")) return undefined;
    if (++asked > MAX_SPANS) return undefined;
    const span = first === "" ? suffix(Number(last), size) : { first: Number(first), last: lastOf(last, size) };
    if (last !== "" && first !== "" && Number(last) < Number(first)) return undefined;
    if (span !== undefined && span.first < size) spans.push(span);
  }
  if (asked === 0) return undefined;
  const total = spans.reduce((sum, span) => sum + span.last - span.first + 1, 0);
  return total > size ? undefined : spans;
}

function suffix(length: number, size: number): Span | undefined {
  return length === 0 || size === 0 ? undefined : { first: Math.max(0, size - length), last: size - 1 };
}

function lastOf(text: string, size: number): number {
  return text === "" ? size - 1 : Math.min(Number(text), size - 1);
}
