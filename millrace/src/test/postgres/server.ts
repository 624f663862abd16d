import type { Ctx } from "../../context/index.ts";
import { orDone } from "../../context/or-done.ts";
import { type Postgres, startPostgres } from "./start.ts";

// One server for all tests of a process, started when the first one needs it; it ends with the process.
let own: Promise<Postgres> | undefined;

/** serverUrl is where test databases are made: what is given, else DATABASE_URL, else a server of this process. @internal */
export async function serverUrl(ctx: Ctx, given: string | undefined): Promise<string> {
  const url = given ?? process.env["DATABASE_URL"];
  if (url !== undefined && url !== "") return url;
  own ??= startPostgres();
  try {
    return (await orDone(ctx, own)).url;
  } catch (err) {
    // Whoever asks next may install what is missing; a caller who left changes nothing.
    if (ctx.err === undefined) own = undefined;
    throw err;
  }
}
