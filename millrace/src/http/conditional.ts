import type { Req } from "./req.ts";

/** Validators are what a representation is told apart by. */
export interface Validators {
  /** etag is with its quotes, and W/ if it is weak. */
  readonly etag?: string | undefined;
  /** modifiedMs is Unix milliseconds; HTTP knows whole seconds. */
  readonly modifiedMs?: number | undefined;
}

/** Condition is what a request's conditions come to: go on, 304 or 412. */
export type Condition = "proceed" | "not_modified" | "failed";

/** @internal conditionOf evaluates a request's conditions in the order of RFC 9110 section 13.2.2. */
export function conditionOf(req: Req, { etag, modifiedMs }: Validators): Condition {
  const reads = req.method === "GET" || req.method === "HEAD";
  const ifMatch = req.header("if-match");
  if (ifMatch !== undefined) {
    if (!matches(ifMatch, etag, strong)) return "failed";
  } else {
    const since = dateOf(req.header("if-unmodified-since"));
    if (since !== undefined && modifiedMs !== undefined && seconds(modifiedMs) > since) return "failed";
  }
  const ifNoneMatch = req.header("if-none-match");
  if (ifNoneMatch !== undefined) {
    if (!matches(ifNoneMatch, etag, opaque)) return "proceed";
    return reads ? "not_modified" : "failed";
  }
  const since = reads ? dateOf(req.header("if-modified-since")) : undefined;
  return since !== undefined && modifiedMs !== undefined && seconds(modifiedMs) <= since ? "not_modified" : "proceed";
}

/**
 * @internal isRangeFresh says whether a Range still fits: there is no If-Range, or it names exactly this
 * representation.
 */
export function isRangeFresh(req: Req, { etag, modifiedMs }: Validators): boolean {
  const ifRange = req.header("if-range");
  if (ifRange === undefined) return true;
  if (ifRange.includes('"')) return etag !== undefined && strong(etag) !== undefined && ifRange.trim() === etag;
  return modifiedMs !== undefined && dateOf(ifRange) === seconds(modifiedMs);
}

type Compared = (tag: string) => string | undefined;

// The strong comparison knows no weak tags, the weak one compares what is behind W/.
const strong: Compared = (tag) => (tag.startsWith("W/") ? undefined : tag);
const opaque: Compared = (tag) => (tag.startsWith("W/") ? tag.slice(2) : tag);

function matches(list: string, etag: string | undefined, compared: Compared): boolean {
  if (list.trim() === "*") return true;
  if (etag === undefined) return false;
  const want = compared(etag);
  // A tag may hold a comma, so the list is not split at commas.
  for (const [tag] of list.matchAll(/(?:W\/)?"[\x21\x23-\x7e\x80-\xff]*"/g)) {
    const got = compared(tag);
    if (got !== undefined && got === want) return true;
  }
  return false;
}

function dateOf(text: string | undefined): number | undefined {
  if (text === undefined || !/^\w{3,9},? /.test(text)) return undefined;
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? undefined : seconds(ms);
}

function seconds(ms: number): number {
  return Math.floor(ms / 1000);
}
