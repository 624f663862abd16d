import assert from "node:assert/strict";
import dns from "node:dns";
import { once } from "node:events";
import net from "node:net";
import { test } from "node:test";
import { type Ctx, background, withTimeout } from "../../context/index.ts";
import { type Pool, openPool } from "../index.ts";
import { databaseTest, eventually } from "../testing/database.ts";
import { proxyTo, via } from "../testing/proxy.ts";
import { postgres } from "./index.ts";

// What a machine under load may add to a limit.
const SLACK_MS = 8000;

async function within<T>(limitMs: number, work: () => Promise<T>): Promise<T> {
  const since = performance.now();
  try {
    return await work();
  } finally {
    const took = performance.now() - since;
    assert.ok(took < limitMs + SLACK_MS, `took ${took} ms`);
  }
}

databaseTest("a pool whose connections are all held says who holds them, and lends them again", async (ctx, db) => {
  const pool = await db.open({ maxConns: 2, acquireTimeoutMs: 100 });
  const let1 = Promise.withResolvers<void>();
  const held = pool.tx(ctx, async function transfer(ctx, tx) {
    await tx.exec(ctx, "select 1 as held");
    await let1.promise;
  });
  using short = withTimeout(ctx, 2000);
  const slow = pool.exec(short, "select pg_sleep(600)");
  slow.catch(() => undefined);
  await eventually(ctx, "both are held", () => pool.stats().acquired === 2);
  await within(100, () =>
    assert.rejects(pool.exec(ctx, "select 2"), {
      code: "resource_exhausted",
      reason: "sql/pool_timeout",
      retryable: true,
      message: /2 of 2 connections in use, .*held by tx transfer.* for .*select pg_sleep\(600\) for /,
    }),
  );
  // The slow one ends by its deadline, on the server too; its connection serves the next.
  await assert.rejects(slow, { code: "deadline_exceeded" });
  await eventually(ctx, "one is free", () => pool.stats().idle === 1);
  assert.equal(await pool.exec(ctx, "select 2"), 1);
  let1.resolve();
  await held;
  const { acquired, waiting, timeouts, closedBroken } = pool.stats();
  assert.deepEqual(
    { acquired, waiting, timeouts, closedBroken },
    { acquired: 0, waiting: 0, timeouts: 1, closedBroken: 0 },
  );
});

databaseTest("a server that takes no more connections: callers share those that there are", async (ctx, db) => {
  const admin = await db.open({ maxConns: 1 });
  const role = `limited_${crypto.randomUUID().slice(0, 8)}`;
  await admin.exec(ctx, `create role ${role} login connection limit 2`);
  try {
    const url = new URL(db.url);
    url.username = role;
    await using pool = await openPool(ctx, postgres(url.href), { maxConns: 5, minConns: 1 });
    const pids = await Promise.all(
      Array.from({ length: 20 }, () =>
        pool.one<{ pid: number }>(ctx, "select pg_backend_pid() as pid from pg_sleep(0.01)"),
      ),
    );
    const used = new Set(pids.map(({ pid }) => pid)).size;
    assert.ok(used <= 2, `${used} connections`);
    // All that there are, so that others have none: told at once, and as something that passes.
    const full = { code: "resource_exhausted", reason: "sql/too_many_connections", retryable: true };
    {
      await using one = await pool.begin(ctx);
      await using two = await pool.begin(ctx);
      await Promise.all([one.exec(ctx, "select 1"), two.exec(ctx, "select 2")]);
      await assert.rejects(openPool(ctx, postgres(url.href)), full);
      await using empty = await openPool(ctx, postgres(url.href), { minConns: 0 });
      await assert.rejects(empty.exec(ctx, "select 3"), full);
      await assert.rejects(empty.ping(ctx), full);
      await assert.rejects(empty.listen(ctx, "c")[Symbol.asyncIterator]().next(), full);
    }
    assert.equal(await pool.exec(ctx, "select 4"), 1, "and it goes on");
  } finally {
    await admin.exec(ctx, `drop role ${role}`);
  }
});

/** Gone is a server that cannot be reached, and what is said of it. */
interface Gone {
  readonly name: string;
  /** host is where it is looked for. */
  readonly host: (owned: AsyncDisposableStack, mock: { readonly lookup: (how: Lookup) => void }) => Promise<string>;
  /** silent says that nothing at all is heard of it. */
  readonly silent: boolean;
}

type Lookup = (...args: unknown[]) => void;

const gone: readonly Gone[] = [
  { name: "nobody listens", host: async () => "127.0.0.1:1", silent: false },
  {
    name: "it takes connections and says nothing",
    host: async (owned) => {
      const sockets = new Set<net.Socket>();
      const server = net.createServer((socket) => void sockets.add(socket.on("error", () => undefined)));
      server.listen(0, "127.0.0.1");
      await once(server, "listening");
      owned.defer(() => {
        for (const socket of sockets) socket.destroy();
        server.close();
      });
      return `127.0.0.1:${(server.address() as net.AddressInfo).port}`;
    },
    silent: true,
  },
  {
    name: "its name is not known",
    host: async (_owned, { lookup }) => {
      lookup((_name, _options, done) => {
        const err = Object.assign(new Error("getaddrinfo ENOTFOUND db.example"), { code: "ENOTFOUND" });
        process.nextTick(done as (err: Error) => void, err);
      });
      return "db.example:5432";
    },
    silent: false,
  },
  {
    name: "nobody says what its name means",
    host: async (_owned, { lookup }) => {
      lookup(() => undefined);
      return "db.example:5432";
    },
    silent: true,
  },
];

for (const { name, host, silent } of gone) {
  test(`a server that cannot be reached: ${name}`, async (t) => {
    using ctx = withTimeout(background, 50_000);
    await using owned = new AsyncDisposableStack();
    const lookup = (how: Lookup): void => void t.mock.method(dns, "lookup", how as never);
    const url = `postgres://user:hunter2@${await host(owned, { lookup })}/db`;
    const unreachable = {
      code: "unavailable",
      reason: "sql/connect_failed",
      retryable: true,
      message: /^sql: connect to (?:127\.0\.0\.1|db\.example):(?!.*hunter2)/s,
    };
    const limit = { acquireTimeoutMs: 150 };
    await within(150, () => assert.rejects(openPool(ctx, postgres(url), limit), unreachable));
    await within(150, () => assert.rejects(openPool(ctx, postgres(`${url}?connect_timeout=1`), limit), unreachable));
    const driver = postgres({ url, serverTimeoutMs: 100 });
    await within(100, () => assert.rejects(openPool(ctx, driver), unreachable));

    await using pool = await openPool(ctx, postgres(url), { minConns: 0, maxConns: 2, ...limit });
    const calls: readonly ((ctx: Ctx, pool: Pool) => Promise<unknown>)[] = [
      (ctx, pool) => pool.exec(ctx, "select 1"),
      (ctx, pool) => pool.tx(ctx, (ctx, tx) => tx.exec(ctx, "select 1")),
      (ctx, pool) => pool.listen(ctx, "c")[Symbol.asyncIterator]().next(),
      (ctx, pool) => pool.ping(ctx),
    ];
    for (const call of calls) {
      // Its own deadline, where that comes first.
      using short = withTimeout(ctx, 50);
      const want = silent ? { code: "deadline_exceeded" } : unreachable;
      await within(50, () => assert.rejects(call(short, pool), want));
    }
    // Callers without one get the pool's answer, all of them.
    const several = await within(300, () =>
      Promise.allSettled(Array.from({ length: 8 }, () => pool.exec(ctx, "select 1"))),
    );
    for (const one of several) {
      assert.ok(one.status === "rejected");
      assert.match(
        `${one.reason.code} ${one.reason.reason} ${one.reason.retryable}`,
        silent
          ? /^(?:resource_exhausted sql\/pool_timeout|unavailable sql\/connect_failed) true$/
          : /^unavailable sql\/connect_failed true$/,
      );
    }
    await eventually(
      ctx,
      "nothing is left",
      () => pool.stats().acquired + pool.stats().opening + pool.stats().waiting === 0,
    );
  });
}

databaseTest("a server that was not there when the pool was opened is used when it is", async (ctx, db) => {
  await using proxy = await proxyTo(db.url);
  proxy.refuseNew(true);
  await using pool = await openPool(ctx, postgres(via(proxy, db.url)), { minConns: 0 });
  await assert.rejects(pool.exec(ctx, "select 1"), {
    code: "unavailable",
    reason: "sql/connect_failed",
    retryable: true,
  });
  proxy.refuseNew(false);
  assert.equal(await pool.exec(ctx, "select 1"), 1);
});
