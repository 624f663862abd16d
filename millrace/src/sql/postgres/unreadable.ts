import { SqlFailure } from "../failure.ts";

/** unreadable is the error of a value that its type in this program cannot hold. @internal */
export function unreadable(what: string, cause?: unknown): SqlFailure {
  return new SqlFailure(`sql: ${what}`, { code: "out_of_range", reason: "sql/unreadable_value", cause });
}
