import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import type pg from "pg";
import { background, withTimeout } from "../../context/index.ts";
import { setup, sharedHost } from "./bundle.test.ts";

const host = sharedHost();

test("an error leaves the connection usable", async () => {
  await using b = await setup(host());
  const client = await b.client();
  const cases = ["select 1/0", "selec", "select * from nowhere", { text: "select $1::int", values: ["x"] }];
  for (const bad of cases) {
    await assert.rejects(client.query(bad as string));
    assert.deepEqual((await client.query("select 1 as x")).rows, [{ x: 1 }]);
  }
});

test("twelve clients with two hundred statements each", async () => {
  await using b = await setup(host());
  const clients = await Promise.all(Array.from({ length: 12 }, () => b.client()));
  await Promise.all(
    clients.map(async (client, c) => {
      for (let i = 0; i < 200; i++) {
        const named = i % 2 === 0 ? { name: "insert" } : {};
        await client.query({ ...named, text: `insert into ${b.table} values ($1, $2)`, values: [c * 200 + i, "v"] });
      }
    }),
  );
  const { rows } = await clients[0]!.query(`select count(*)::int as n, sum(id)::int as sum from ${b.table}`);
  assert.deepEqual(rows, [{ n: 2400, sum: (2399 * 2400) / 2 }]);
});

test("a transaction makes the others wait, a ping does not", async () => {
  await using b = await setup(host());
  const [inside, outside] = [await b.client(), await b.client()];
  await inside.query("begin");
  await inside.query(`insert into ${b.table} values (1, 'a')`);
  let answered = false;
  const count = outside.query(`select count(*)::int as n from ${b.table}`).finally(() => (answered = true));
  using ctx = withTimeout(background, 5000);
  await host().ping(ctx);
  await inside.query(`insert into ${b.table} values (2, 'b')`);
  assert.equal(answered, false);
  await inside.query("commit");
  assert.deepEqual((await count).rows, [{ n: 2 }]);
});

test("those who wait are served in the order in which they came, without those who left", async () => {
  await using b = await setup(host());
  const holder = await b.client();
  const waiters = [await b.client(), await b.client(), await b.client()];
  await holder.query("begin");
  const order: number[] = [];
  const results = waiters.map((client, i) =>
    client.query(`insert into ${b.table} values (${i}, 'w')`).then(
      () => order.push(i),
      () => order.push(-i),
    ),
  );
  // A sign of life comes back behind all that was sent before it.
  await host().ping(background);
  // The types hide the stream.
  (waiters[1] as unknown as { connection: pg.Connection }).connection.stream.destroy();
  await host().ping(background);
  await holder.query("rollback");
  await Promise.all(results);
  assert.deepEqual(order, [-1, 0, 2]);
  assert.deepEqual((await holder.query(`select id from ${b.table} order by id`)).rows, [{ id: 0 }, { id: 2 }]);
});

test("two connections may give statements the same name", async () => {
  await using b = await setup(host());
  const [one, two] = [await b.client(), await b.client()];
  const long = "n".repeat(63);
  for (const name of ["same", `${long.slice(1)}a`, `${long.slice(1)}b`]) {
    assert.deepEqual((await one.query({ name, text: `select 'one ${name}' as x` })).rows, [{ x: `one ${name}` }]);
    assert.deepEqual((await two.query({ name, text: `select 'two ${name}' as x` })).rows, [{ x: `two ${name}` }]);
    assert.deepEqual((await one.query({ name, text: `select 'one ${name}' as x` })).rows, [{ x: `one ${name}` }]);
  }
});

test("prepared statements go with their connection", async () => {
  await using b = await setup(host());
  const prepared = async (): Promise<number> =>
    (await keeper.query("select count(*)::int as n from pg_prepared_statements")).rows[0].n;
  const keeper = await b.client();
  await keeper.query({ name: "kept", text: "select 1" });
  const start = await prepared();
  const leaving = await b.client();
  for (let i = 0; i < 5; i++) await leaving.query({ name: `s${i}`, text: "select 1" });
  assert.equal(await prepared(), start + 5);
  await leaving.end();
  assert.equal(await prepared(), start);
});

test("pipelined statements answer each for itself", async () => {
  await using b = await setup(host());
  const client = await b.client({ pipeline: true });
  const results = await Promise.allSettled([
    client.query("select 1 as x"),
    client.query("select 1/0"),
    client.query({ name: "n", text: "select $1::int as x", values: [2] }),
    client.query({ name: "n", text: "select $1::int as x", values: [3] }),
  ]);
  assert.deepEqual(
    results.map((r) => (r.status === "fulfilled" ? r.value.rows[0].x : r.reason.code)),
    [1, "22012", 2, 3],
  );
});

test("a notification reaches the connections that listen", async () => {
  await using b = await setup(host());
  const [listener, sender] = [await b.client(), await b.client()];
  await listener.query("listen news");
  const got = once(listener, "notification");
  await sender.query("select pg_notify('news', 'hello')");
  const [notification] = await got;
  assert.deepEqual([notification.channel, notification.payload], ["news", "hello"]);
});

test("whoever leaves when, transactions happen as a whole", async () => {
  await using b = await setup(host());
  const acknowledged: number[] = [];
  // Each inserts pairs, n and -n, and leaves after a number of statements of its own.
  await Promise.all(
    Array.from({ length: 30 }, async (_, c) => {
      const client = await b.client();
      let statements = 3 + ((c * 7) % 23);
      const run = (sql: string): Promise<unknown> => {
        const sent = client.query({ text: sql, ...(c % 2 === 0 ? { name: sql } : {}) });
        if (--statements === 0) (client as unknown as { connection: pg.Connection }).connection.stream.destroy();
        return sent;
      };
      try {
        for (let i = 1; ; i++) {
          const n = c * 100 + i;
          await run("begin");
          await run(`insert into ${b.table} values (${n}, 'a')`);
          await run(`insert into ${b.table} values (${-n}, 'b')`);
          await run("commit");
          acknowledged.push(n);
        }
      } catch {
        // Left.
      }
    }),
  );
  const client = await b.client();
  const { rows } = await client.query(`select abs(id) as n, count(*)::int from ${b.table} group by 1`);
  assert.deepEqual(
    rows.filter((row) => row.count !== 2),
    [],
  );
  const present = new Set(rows.map((row) => row.n));
  assert.ok(acknowledged.length > 30);
  assert.deepEqual(
    acknowledged.filter((n) => !present.has(n)),
    [],
  );
});

test("the main thread keeps its time while the database works", async () => {
  await using b = await setup(host());
  const clients = await Promise.all(Array.from({ length: 4 }, () => b.client()));
  let ticks = 0;
  const timer = setInterval(() => ticks++, 10);
  const busy = clients.map((client) => client.query("select count(*) from generate_series(1, 400000)"));
  await Promise.all(busy);
  clearInterval(timer);
  assert.ok(ticks >= 5, `a timer of 10 ms fired ${ticks} times`);
});
