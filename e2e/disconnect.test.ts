import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import pg from "pg";
import { PLACES } from "./database.ts";
import { Storefront } from "./storefront.ts";

const FREE_WITHIN_MS = 200;

async function connect(url: string): Promise<AsyncDisposable & { readonly client: pg.Client }> {
  const client = new pg.Client(url);
  await client.connect();
  return { client, [Symbol.asyncDispose]: () => client.end() };
}

describe("a client that disconnects", { timeout: 60_000 }, () => {
  it(`during a slow query frees the server within ${FREE_WITHIN_MS} ms`, async () => {
    const postgres = PLACES.find((p) => p.name === "PostgreSQL");
    assert.ok(postgres);
    await using where = await postgres.make();
    await using shop = await Storefront.start(where.env);
    const [from, to] = await shop.openAccounts(2, "10.00");
    const url = where.env["DATABASE_URL"] ?? "";
    await using holder = await connect(url);
    await using watcher = await connect(url);
    // The transfer's query takes as long as this lock is held.
    await holder.client.query("begin");
    await holder.client.query("select from accounts where id = $1 for update", [from]);
    const waiting = async (): Promise<number> => {
      const sql = `select count(*)::int as n from pg_stat_activity
        where datname = current_database() and state = 'active' and wait_event_type = 'Lock'`;
      return (await watcher.client.query<{ n: number }>(sql)).rows[0]?.n ?? 0;
    };
    const browser = new AbortController();
    const transfer = { from_account_id: from, to_account_id: to, amount: "1.00" };
    const left = assert.rejects(shop.call("POST", "/api/v1/transfers", transfer, { signal: browser.signal }), {
      name: "AbortError",
    });
    // Asking the server again and again is the one way to see what it runs.
    while ((await waiting()) === 0) await delay(5);
    browser.abort();
    const since = performance.now();
    await left;
    while ((await waiting()) > 0) {
      assert.ok(performance.now() - since < FREE_WITHIN_MS, "the query still runs");
      await delay(5);
    }
    await holder.client.query("rollback");
    assert.equal(await shop.cents([from!]), 1000n);
    assert.equal((await shop.call("POST", "/api/v1/transfers", transfer)).status, 201);
  });
});
