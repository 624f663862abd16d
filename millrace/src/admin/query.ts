import { ValidationFailure } from "../errors/index.ts";
import type { Req } from "../http/index.ts";

/** oneOf is a query parameter that has one of some values, the first where it is missing. Throws a 400 that lists them. */
export function oneOf<T extends string>(req: Req, name: string, values: readonly [T, ...T[]]): T {
  const given = req.query.get(name);
  const found = given === null ? values[0] : values.find((value) => value === given);
  if (found === undefined) throw invalid(name, `must be one of ${values.join(", ")}`);
  return found;
}

/** Bounds are what a number may be, and what it is where it is missing. */
export interface Bounds {
  readonly min: number;
  readonly max: number;
  readonly fallback: number;
}

/** wholeNumber is a query parameter that is a whole number within bounds. Throws a 400 that says which. */
export function wholeNumber(req: Req, name: string, { min, max, fallback }: Bounds): number {
  const given = req.query.get(name);
  if (given === null) return fallback;
  const value = /^\d{1,9}$/.test(given) ? Number(given) : Number.NaN;
  if (!(value >= min && value <= max)) throw invalid(name, `must be a whole number from ${min} to ${max}`);
  return value;
}

/** invalid is a 400 about one field. */
export function invalid(field: string, message: string): ValidationFailure {
  return new ValidationFailure("admin: bad input", [{ path: [field], message }]);
}
