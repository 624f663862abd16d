import type { Client, ClientConfig } from "pg";
import { Failure } from "../../errors/index.ts";

/** newClient loads pg when it is first needed; without the package it says what to install. @internal */
export async function newClient(config: ClientConfig): Promise<Client> {
  try {
    const pg = await import("pg");
    return new pg.Client(config);
  } catch (err) {
    if (!(err instanceof Error && "code" in err && err.code === "ERR_MODULE_NOT_FOUND")) throw err;
    throw new Failure("sql: the package pg is not installed: npm install pg", {
      code: "failed_precondition",
      reason: "sql/no_driver",
      cause: err,
    });
  }
}
