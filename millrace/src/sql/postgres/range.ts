import type { Parse } from "./array.ts";
import { quoteField, readFields } from "./fields.ts";

/** Bounds says which ends belong to a range: "[" and "]" do, "(" and ")" do not. */
export type Bounds = "[)" | "[]" | "(]" | "()";

/**
 * Range is a value of a range type: int4range is a Range<number>, daterange a Range<string>. A bound that is null is open
 * to that side. The server writes the ranges of whole things (int4, int8, date) as "[)", whatever was sent.
 */
export class Range<T> {
  readonly lower: T | null;
  readonly upper: T | null;
  readonly bounds: Bounds;
  /** empty says that nothing is in it; its bounds are null then. */
  readonly empty: boolean;

  constructor(lower: T | null, upper: T | null, bounds: Bounds = "[)") {
    this.lower = lower;
    this.upper = upper;
    this.bounds = bounds;
    this.empty = false;
  }

  /** none is the range that holds nothing. */
  static none<T>(): Range<T> {
    return Object.assign(new Range<T>(null, null, "()"), { empty: true });
  }
}

/** Multirange is a value of a multirange type: ranges in order that do not touch. */
export class Multirange<T> {
  readonly ranges: readonly Range<T>[];

  constructor(ranges: readonly Range<T>[]) {
    this.ranges = ranges;
  }
}

/** parseRange reads [1,10), ("a","b"], (,5) and empty; bounds are read by the parser of the element. @internal */
export function parseRange(text: string, parse: Parse): Range<unknown> {
  return readRange(text, 0, parse).range;
}

/** parseMultirange reads {}, {[1,2),[5,6)}. @internal */
export function parseMultirange(text: string, parse: Parse): Multirange<unknown> {
  const ranges: Range<unknown>[] = [];
  for (let at = 1; at < text.length - 1;) {
    const { range, end } = readRange(text, at, parse);
    ranges.push(range);
    // The bracket and the comma.
    at = end + 2;
  }
  return new Multirange(ranges);
}

/** formatRange writes a range; encode writes its bounds. @internal */
export function formatRange(range: Range<unknown>, encode: (value: unknown) => string | null): string {
  if (range.empty) return "empty";
  const [open, close] = range.bounds;
  return `${open}${quoteField(encode(range.lower))},${quoteField(encode(range.upper))}${close}`;
}

/** formatMultirange writes a multirange. @internal */
export function formatMultirange(value: Multirange<unknown>, encode: (value: unknown) => string | null): string {
  return `{${value.ranges.map((range) => formatRange(range, encode)).join(",")}}`;
}

function readRange(
  text: string,
  start: number,
  parse: Parse,
): { readonly range: Range<unknown>; readonly end: number } {
  if (text.startsWith("empty", start)) return { range: Range.none(), end: start + "empty".length - 1 };
  const { fields, end } = readFields(text, start);
  const [lower = null, upper = null] = fields.map((field) => (field === null ? null : parse(field)));
  // The two brackets of the text.
  return { range: new Range(lower, upper, `${text[start]}${text[end]}` as Bounds), end };
}
