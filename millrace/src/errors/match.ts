import { CODES, type Code } from "./code.ts";
import { Failure } from "./failure.ts";

// A class, abstract or not, whose instances are errors. The parameters do not matter for instanceof.
type ErrorClass<E extends Error> = abstract new (...args: never[]) => E;

/**
 * is says whether an error or anything that led to it matches: a sentinel by identity, a class by instanceof, a code
 * by equality. Walks `cause` and the members of AggregateError, each error once. Source: Go's errors.Is.
 */
export function is(err: unknown, target: Code | Error | ErrorClass<Error>): boolean {
  if (typeof target === "function") return as(err, target) !== undefined;
  if (typeof target !== "string") return find(err, (e) => e === target) !== undefined;
  if (!CODES.includes(target)) throw new TypeError(`errors: is: no such code: ${target}`);
  return find(err, (e) => e instanceof Failure && e.code === target) !== undefined;
}

/** as is the first error of a class in the same walk, or undefined. Source: Go's errors.As. */
export function as<E extends Error>(err: unknown, target: ErrorClass<E>): E | undefined {
  // find returns only what the predicate accepted.
  return find(err, (e) => e instanceof target) as E | undefined;
}

// Without recursion: a chain may be as long as a retry loop has run.
function find(root: unknown, matches: (err: Error) => boolean): Error | undefined {
  const seen = new Set<unknown>();
  const next = [root];
  while (next.length > 0) {
    const err = next.pop();
    if (!(err instanceof Error) || seen.has(err)) continue;
    seen.add(err);
    if (matches(err)) return err;
    next.push(err.cause);
    // Members come before the cause. A foreign AggregateError may hold anything there.
    if (err instanceof AggregateError && Array.isArray(err.errors)) next.push(...err.errors.toReversed());
  }
  return undefined;
}
