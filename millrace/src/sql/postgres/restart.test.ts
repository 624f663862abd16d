import { test } from "node:test";
import { startKind } from "../testing/kinds.ts";
import { restartUnderLoad } from "../testing/restart.ts";

test("a server that goes and comes back under load", { timeout: 120_000 }, async (t) => {
  // Committed is committed, also when the server is killed.
  const options = { fsync: true };
  await using server = (await startKind("debian", options)) ?? (await startKind("npm", options));
  if (server === undefined) t.skip("needs PostgreSQL: apt-get install postgresql");
  else await restartUnderLoad(t, server);
});
