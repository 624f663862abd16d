import { Failure, codeOf } from "../errors/index.ts";

/** allOf is the last of several errors, with all of them as its cause; of one it is that one. */
export function allOf(errs: readonly unknown[]): unknown {
  const last = errs.at(-1);
  if (errs.length === 1) return last;
  // Newest first, so that `as` finds the last of a class.
  const cause = new AggregateError(errs.toReversed(), `${errs.length} errors`);
  const message = `after ${errs.length} attempts: ${last instanceof Error ? last.message : String(last)}`;
  if (!(last instanceof Failure)) return new Failure(message, { code: codeOf(last), cause });
  const { code, reason, detail, retryable } = last;
  return new Failure(message, { code, reason, detail, retryable, cause });
}
