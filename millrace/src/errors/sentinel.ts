import type { Code } from "./code.ts";
import { Failure } from "./failure.ts";

/**
 * sentinel makes an error value to compare with, as Go's `var ErrNoRows = errors.New(…)`.
 *
 * It is made once per module and wrapped where it is raised, so that it carries no misleading stack; `is(err, it)`
 * finds it by identity through the whole cause chain.
 */
export function sentinel(reason: string, code: Code, message: string = reason): Failure {
  const failure = new Failure(message, { code, reason });
  failure.stack = `${failure.name}: ${message}`;
  return Object.freeze(failure);
}
