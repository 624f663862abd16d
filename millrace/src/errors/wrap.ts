import { Failure } from "./failure.ts";
import { ValidationFailure } from "./validation.ts";

/**
 * wrap says what was being done when an error struck: wrap(err, "get user 42") reads "get user 42: no rows".
 *
 * Code, reason, detail, retryability and validation issues of a Failure are kept; anything else becomes "unknown"
 * (a value that is no Error is kept as text). The original is the cause. Source: Go's fmt.Errorf with %w.
 */
export function wrap(err: unknown, what: string): Failure {
  const message = `${what}: ${err instanceof Error ? err.message : String(err)}`;
  if (err instanceof ValidationFailure) {
    const { reason, detail } = err;
    return new ValidationFailure(message, err.issues, { reason, detail, cause: err });
  }
  if (err instanceof Failure) {
    const { code, reason, detail, retryable } = err;
    return new Failure(message, { code, reason, detail, retryable, cause: err });
  }
  return new Failure(message, { code: "unknown", cause: err });
}

/**
 * join makes one error of several; undefined members are left out, none left gives undefined, one is returned as it
 * is. `is` and `as` look into every member. Source: Go's errors.Join.
 */
export function join(...errs: readonly unknown[]): unknown {
  const present = errs.filter((e) => e !== undefined);
  if (present.length < 2) return present[0];
  return new AggregateError(present, present.map((e) => (e instanceof Error ? e.message : String(e))).join("; "));
}
