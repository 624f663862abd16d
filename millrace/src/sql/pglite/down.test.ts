import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { background, withTimeout } from "../../context/index.ts";
import type { Failure } from "../../errors/index.ts";
import { type Notification, openPool } from "../index.ts";
import { collect } from "../testing/collect.ts";
import { eventually } from "../testing/database.ts";
import { pglite } from "./driver.ts";
import { PgliteHost } from "./host.ts";

/** hostsOf is the databases that are opened from now on, to be killed. */
function hostsOf(t: TestContext): PgliteHost[] {
  const hosts: PgliteHost[] = [];
  const open = PgliteHost.open.bind(PgliteHost);
  t.mock.method(PgliteHost, "open", async (...args: Parameters<typeof open>) => {
    const host = await open(...args);
    hosts.push(host);
    return host;
  });
  return hosts;
}

const told = async (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => "done",
    ({ code, reason, retryable }: Failure) => `${code} ${reason} ${retryable}`,
  );

test("a worker that dies in the middle of everything: each caller is told, and the pool goes on with what was committed", async (t) => {
  using ctx = withTimeout(background, 50_000);
  const parent = await mkdtemp(join(tmpdir(), "millrace-test-"));
  await using owned = new AsyncDisposableStack();
  owned.defer(() => rm(parent, { recursive: true }));
  const hosts = hostsOf(t);
  const pool = owned.use(await openPool(ctx, pglite({ dir: join(parent, "data") }), { maxConns: 4, minConns: 4 }));
  await pool.exec(ctx, "create table t (n int)");
  await pool.exec(ctx, "insert into t values (0)");
  const heard = pool.listen(ctx, "news")[Symbol.asyncIterator]();
  assert.equal(((await heard.next()).value as Notification).gap, true);
  const gap = heard.next();
  gap.catch(() => undefined);

  // The first one holds the session, so that the others wait for it.
  const inside = Promise.withResolvers<void>();
  const tx = told(
    pool.tx(ctx, async (ctx, tx) => {
      await tx.exec(ctx, "insert into t values (1)");
      inside.resolve();
      await tx.exec(ctx, "select count(*) from generate_series(1, 1000000000)");
    }),
  );
  await inside.promise;
  const others = [
    told(pool.exec(ctx, "insert into t values (2)")),
    told(pool.copyFrom(ctx, "t", ["n"], [[3]])),
    told(collect(pool.rows(ctx, "insert into t values (4) returning n"))),
    // There are four connections: this one waits for one.
    told(pool.exec(ctx, "select 5")),
  ];
  await eventually(ctx, "all are held", () => pool.stats().acquired === 4 && pool.stats().waiting === 1);
  await hosts[0]!.kill();
  assert.equal(await tx, "unavailable sql/connection_lost true", "nothing of it was committed");
  const answers = await Promise.all(others);
  for (const [i, answer] of answers.entries()) {
    // What had a connection may have been done as far as anybody knows; what waited for one gets a new one, or is told.
    assert.match(answer, i < 3 ? /^unavailable sql\/connection_lost false$/ : /^(?:done|unavailable .*)$/, `${i}`);
  }

  await eventually(ctx, "it is open again", async () => (await told(pool.exec(ctx, "select 1"))) === "done");
  assert.equal(hosts.length, 2);
  assert.deepEqual(await pool.many(ctx, "select n from t"), [{ n: 0 }]);
  assert.equal(((await gap).value as Notification).gap, true);
  await heard.return?.();
  await eventually(ctx, "nothing is held", () => pool.stats().acquired + pool.stats().closing === 0);
  assert.ok(pool.stats().closedBroken >= 4);
});
