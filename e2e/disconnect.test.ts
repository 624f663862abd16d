import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import pg from "pg";
import { PLACES, type Place } from "./database.ts";
import { problem } from "./problem.ts";
import { Storefront } from "./storefront.ts";

const FREE_WITHIN_MS = 200;
// The locks are held all the same, so whenever a statement ends, it was canceled.
const AT_ALL_MS = 10_000;
// More clients leave than there are connections, so one that is not given back is missed.
const MAX_CONNS = 2;
const CLIENTS = 5;
const NOBODY = "00000000-0000-7000-8000-000000000000";

describe("a request that ends early", { timeout: 60_000 }, () => {
  let place: Place;
  let shop: Storefront;
  const owned = new AsyncDisposableStack();
  before(async () => {
    place = owned.use(await PLACES.find(({ name }) => name === "PostgreSQL")!.make());
    shop = owned.use(await Storefront.start({ ...place.env, DATABASE_MAX_CONNS: String(MAX_CONNS) }));
  });
  after(() => owned.disposeAsync());

  // A connection of the test's own.
  async function connect(): Promise<AsyncDisposable & { readonly client: pg.Client }> {
    const client = new pg.Client(place.env["DATABASE_URL"]);
    await client.connect();
    return { client, [Symbol.asyncDispose]: () => client.end() };
  }
  // Holds a lock until the end of the block: what the storefront then runs against it takes as long.
  async function hold(lock: string, args: unknown[] = []): Promise<AsyncDisposable> {
    const held = await connect();
    await held.client.query("begin");
    await held.client.query(lock, args);
    return held;
  }
  // Asking the server again and again is the one way to see what it runs.
  async function untilWaiting(wanted: number, withinMs = AT_ALL_MS): Promise<void> {
    await using watcher = await connect();
    const sql = `select count(*)::int as n from pg_stat_activity
      where datname = current_database() and state = 'active' and wait_event_type = 'Lock'`;
    for (const since = performance.now(); ; await delay(5)) {
      const { n } = (await watcher.client.query<{ n: number }>(sql)).rows[0]!;
      if (n === wanted) return;
      assert.ok(performance.now() - since < withinMs, `${n} statements run, ${wanted} are wanted`);
    }
  }
  // Makes a request, leaves when it waits for so many locks, and sees all of its statements end.
  async function leave(method: string, path: string, body: unknown, statements: number, withinMs?: number) {
    const browser = new AbortController();
    const left = assert.rejects(shop.call(method, path, body, { signal: browser.signal }), { name: "AbortError" });
    await untilWaiting(statements);
    browser.abort();
    await untilWaiting(0, withinMs);
    await left;
  }
  async function count(sql: string): Promise<number> {
    await using own = await connect();
    return (await own.client.query<{ n: number }>(sql)).rows[0]!.n;
  }

  it(`in the middle of a transfer frees the server within ${FREE_WITHIN_MS} ms`, async () => {
    const [from, to] = await shop.openAccounts(2, "10.00");
    const transfer = { from_account_id: from, to_account_id: to, amount: "1.00" };
    {
      await using _ = await hold("select from accounts where id = $1 for update", [from]);
      await leave("POST", "/api/v1/transfers", transfer, 1, FREE_WITHIN_MS);
    }
    assert.equal(await shop.cents([from!]), 1000n);
    assert.equal((await shop.call("POST", "/api/v1/transfers", transfer)).status, 201);
  });

  it("between an order and its items leaves nothing of either", async () => {
    const order = { user_id: await shop.newUser(), items: [{ sku: "MUG", quantity: 2, unit_price: "1.00" }] };
    {
      await using _ = await hold("lock table order_items in access exclusive mode");
      for (let i = 0; i < CLIENTS; i++) await leave("POST", "/api/v1/orders", order, 1);
    }
    assert.equal(await count("select count(*)::int as n from orders"), 0);
    const made = await Promise.all(Array.from({ length: CLIENTS }, () => shop.call("POST", "/api/v1/orders", order)));
    assert.deepEqual(
      made.map(({ status }) => status),
      Array(CLIENTS).fill(201),
    );
    assert.equal(await count("select count(*)::int as n from order_items"), CLIENTS);
  });

  it("while a user and the posts are loaded cancels both loads", async () => {
    const path = `/api/v1/users/${await shop.newUser()}/with-posts`;
    {
      await using _ = await hold("lock table users, posts in access exclusive mode");
      for (let i = 0; i < CLIENTS; i++) await leave("GET", path, undefined, 2);
    }
    const read = await Promise.all(Array.from({ length: CLIENTS }, () => shop.call("GET", path)));
    assert.deepEqual(
      read.map(({ status }) => status),
      Array(CLIENTS).fill(200),
    );
  });

  it("because there is no such user cancels the load of the posts", async () => {
    await using _ = await hold("lock table posts in access exclusive mode");
    for (let i = 0; i < CLIENTS; i++) {
      const users = await hold("lock table users in access exclusive mode");
      const answer = shop.call("GET", `/api/v1/users/${NOBODY}/with-posts`);
      await untilWaiting(2);
      await users[Symbol.asyncDispose]();
      assert.equal(problem(await answer, 404)["reason"], "user/not_found");
      await untilWaiting(0);
    }
  });
});
