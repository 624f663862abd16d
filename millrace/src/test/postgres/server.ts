import { type Postgres, startPostgres } from "./start.ts";

// One server for all tests of a process, started when the first one needs it; it ends with the process.
let own: Promise<Postgres> | undefined;

/** serverUrl is where test databases are made: what is given, else DATABASE_URL, else a server of this process. @internal */
export async function serverUrl(given: string | undefined): Promise<string> {
  const url = given ?? process.env["DATABASE_URL"];
  if (url !== undefined && url !== "") return url;
  own ??= startPostgres();
  return (await own).url;
}
