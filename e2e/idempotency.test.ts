import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import pg from "pg";
import { PLACES } from "./database.ts";
import { type Answer, Storefront } from "./storefront.ts";

test("a key of yesterday is free again after a restart", { timeout: 60_000 }, async () => {
  const postgres = PLACES.find((p) => p.name === "PostgreSQL");
  assert.ok(postgres);
  await using where = await postgres.make();
  const admin = new pg.Client(where.env["DATABASE_URL"] ?? "");
  await admin.connect();
  try {
    await using shop = await Storefront.start(where.env);
    const [from, to] = await shop.openAccounts(2, "10.00");
    const ask = (on: Storefront): Promise<Answer> =>
      on.call(
        "POST",
        "/api/v1/transfers",
        { from_account_id: from, to_account_id: to, amount: "1.00" },
        {
          headers: { "idempotency-key": "k" },
        },
      );
    const first = await ask(shop);
    assert.equal((await ask(shop)).body["id"], first.body["id"]);
    await admin.query("update idempotency_keys set created_at = created_at - interval '25 hours'");
    shop.kill("SIGTERM");
    assert.equal(await shop.exited(), 0);
    await using again = await Storefront.start(where.env);
    while ((await admin.query("select from idempotency_keys")).rowCount !== 0) await delay(10);
    const second = await ask(again);
    assert.deepEqual([second.status, second.body["id"] === first.body["id"]], [201, false]);
  } finally {
    await admin.end();
  }
});
