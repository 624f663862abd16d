import assert from "node:assert/strict";
import { test } from "node:test";
import { type Ctx, background, sleep, withTimeout } from "../../context/index.ts";
import { Failure } from "../../errors/index.ts";
import { type Pool, openPool } from "../index.ts";
import { hasServer, startCluster } from "../testing/cluster.ts";
import { eventually } from "../testing/database.ts";
import { type PostgresOptions, type SessionAttrs, postgres } from "./index.ts";

const skip = hasServer() ? false : "needs postgresql: apt-get install postgresql";

const portOf = async (ctx: Ctx, pool: Pool): Promise<number> =>
  Number((await pool.one(ctx, "select current_setting('port') as port"))["port"]);

const closedBroken = (pool: Pool): number => {
  const { closedBroken, lanes } = pool.stats();
  return closedBroken + (lanes?.closedBroken ?? 0);
};

test("a primary and its standby: which is taken, and what happens when they change", { skip }, async () => {
  await using owned = new AsyncDisposableStack();
  using ctx = withTimeout(background, 100_000);
  const primary = owned.use(await startCluster());
  const standby = owned.use(await primary.standby());
  const hosts = [`127.0.0.1:${standby.port}`, `127.0.0.1:${primary.port}`];
  const url = `postgres://postgres@${hosts.join(",")}/postgres`;
  const open = async (attrs: SessionAttrs, more: Partial<PostgresOptions> = {}): Promise<Pool> =>
    owned.use(await openPool(ctx, postgres({ url, targetSessionAttrs: attrs, ...more }), { maxConns: 4 }));

  const taken: [attrs: SessionAttrs, port: number][] = [
    ["any", standby.port],
    ["primary", primary.port],
    ["read-write", primary.port],
    ["standby", standby.port],
    ["read-only", standby.port],
    ["prefer-standby", standby.port],
  ];
  for (const [attrs, port] of taken) assert.equal(await portOf(ctx, await open(attrs)), port, attrs);
  const inUrl = owned.use(await openPool(ctx, postgres(`${url}?target_session_attrs=read-write`)));
  assert.equal(await portOf(ctx, inUrl), primary.port);
  // A port where nobody listens is passed over; alone, it is what the error names.
  const nobody = "127.0.0.1:1";
  assert.equal(await portOf(ctx, await open("primary", { hosts: [nobody, ...hosts] })), primary.port);
  assert.equal(await portOf(ctx, await open("prefer-standby", { hosts: [nobody, hosts[1]!] })), primary.port);
  await assert.rejects(open("standby", { hosts: [nobody, hosts[1]!] }), {
    code: "unavailable",
    retryable: true,
    message: new RegExp(
      `none of 2 servers will do: ${nobody}/postgres: .*ECONNREFUSED.*; ${hosts[1]}/postgres: it is a primary`,
    ),
  });
  await assert.rejects(open("standby", { hosts: [hosts[1]!] }), { reason: "sql/wrong_server" });
  // Credentials that are refused are refused by all.
  const badUser = url.replace("postgres@", "nobody@");
  await assert.rejects(openPool(ctx, postgres(badUser)), { reason: "sql/bad_credentials" });
  const balanced = await open("any", { loadBalanceHosts: true });
  const seen = new Set<number>();
  await eventually(ctx, "both servers are used", async () => {
    await balanced.withConn(ctx, async (ctx, session) => {
      seen.add(Number((await session.one(ctx, "select current_setting('port') as port"))["port"]));
      // So that the next connection is a new one.
      await session.exec(ctx, "select pg_terminate_backend(pg_backend_pid())").catch(() => undefined);
    });
    return seen.size === 2;
  });

  const writer = await open("read-write");
  const lanes = owned.use(
    await openPool(ctx, postgres({ url, targetSessionAttrs: "read-write" }), { maxConns: 3, pipeline: { lanes: 2 } }),
  );
  const reader = await open("prefer-standby");
  await writer.exec(ctx, "create table t (n int primary key)");
  for (let n = 0; n < 20; n++) await lanes.exec(ctx, "insert into t values ($1)", [n]);
  await eventually(ctx, "the standby has it", async () => {
    const rows = await reader.maybe<{ n: bigint }>(ctx, "select count(*) as n from t").catch(() => undefined);
    return rows?.n === 20n;
  });
  await assert.rejects(reader.exec(ctx, "insert into t values (100)"), {
    code: "failed_precondition",
    reason: "sql/read_only",
  });
  assert.equal(reader.stats().closedBroken, 0);

  // The primary dies, the standby takes over.
  await primary.kill9();
  const down = await writer.exec(ctx, "insert into t values (20)").then(
    () => undefined,
    (err: unknown) => err,
  );
  assert.ok(down instanceof Failure && down.code === "unavailable", String(down));
  await using admin = await openPool(ctx, postgres(standby.url), { maxConns: 1 });
  await admin.exec(ctx, "select pg_promote()");
  for (const [i, pool] of [writer, lanes].entries()) {
    const insert = async (): Promise<void> => {
      for (;;) {
        try {
          await pool.exec(ctx, "insert into t values ($1)", [200 + i]);
          return;
        } catch (err) {
          assert.ok(err instanceof Failure && err.code === "unavailable", String(err));
          await sleep(ctx, 20);
        }
      }
    };
    await insert();
    assert.equal(await portOf(ctx, pool), standby.port);
  }
  assert.equal(await portOf(ctx, await open("prefer-standby")), standby.port);

  // A primary that lets nobody write any more: the write is refused, has had no effect, and its connection is given up.
  await admin.exec(ctx, "alter system set default_transaction_read_only to on");
  await admin.exec(ctx, "select pg_reload_conf()");
  for (const [i, pool] of [writer, lanes].entries()) {
    const before = closedBroken(pool);
    let refused: unknown;
    await eventually(ctx, "a write is refused", async () => {
      try {
        await pool.exec(ctx, "insert into t values ($1) on conflict do nothing", [300 + i]);
        return false;
      } catch (err) {
        refused = err;
        return true;
      }
    });
    assert.ok(
      refused instanceof Failure && refused.code === "unavailable" && refused.retryable,
      `${i}: ${String(refused)}`,
    );
    await eventually(ctx, "it is closed", () => closedBroken(pool) > before);
  }
});
