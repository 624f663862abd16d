import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { globSync } from "node:fs";
import { type TestContext, test } from "node:test";
import { background, withTimeout } from "../../context/index.ts";
import type { Postgres } from "../../test/postgres/start.ts";
import { openPool } from "../index.ts";
import { KINDS, startKind } from "../testing/kinds.ts";
import { postgres } from "./index.ts";

// npm test runs these suites on one server. Here they run on each that can be had: conformance, streams, lanes, cancels,
// faults, and the storms, one file after the other.
// They start servers of their own, whatever DATABASE_URL says.
const OWN_SERVER = ["failover.test.ts", "restart.test.ts", "tls.test.ts"];
const SUITES = ["", "../", "../pg/"]
  .flatMap((folder) => globSync(`${folder}*.test.ts`, { cwd: import.meta.dirname }))
  .filter((file) => !file.endsWith(".deep.test.ts") && !OWN_SERVER.includes(file))
  .toSorted();

for (const { kind, missing } of KINDS) {
  test(`the suites of the driver on the PostgreSQL of ${kind}`, async (t) => {
    await using server = await startKind(kind);
    if (server === undefined) {
      t.skip(missing);
      return;
    }
    t.diagnostic(await versionOf(server));
    for (const suite of SUITES) await t.test(suite, (t) => passes(t, suite, server));
  });
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
