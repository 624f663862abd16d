import type { Failure } from "millrace/errors";
import { SqlFailure } from "millrace/sql";

/** refusing turns one kind of violated constraint into the domain's own refusal. */
export async function refusing<T>(
  reason: string,
  refusal: (err: SqlFailure) => Failure,
  fn: () => Promise<T>,
): Promise<T> {
  try {
    return await fn();
  } catch (err) {
    throw err instanceof SqlFailure && err.reason === reason ? refusal(err) : err;
  }
}
