import type * as Pg from "pg";
import { Failure } from "../../errors/index.ts";

/** LoadedPg is what of pg is used at run time. @internal */
export type LoadedPg = Pick<typeof Pg, "Client" | "Query">;

/** loadPg loads pg when it is first needed; without the package it says what to install. @internal */
export async function loadPg(): Promise<LoadedPg> {
  try {
    return (await import("pg")).default;
  } catch (err) {
    if (!(err instanceof Error && "code" in err && err.code === "ERR_MODULE_NOT_FOUND")) throw err;
    throw new Failure("sql: the package pg is not installed: npm install pg", {
      code: "failed_precondition",
      reason: "sql/no_driver",
      cause: err,
    });
  }
}
