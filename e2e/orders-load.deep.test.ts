import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { PLACES } from "./database.ts";
import { type Order, checkOrders, items } from "./orders.ts";
import { Storefront } from "./storefront.ts";

const ORDERS = 400;
const AT_ONCE = 32;

for (const kind of PLACES) {
  describe(`orders under load on ${kind.name}`, { timeout: 180_000 }, () => {
    it(`${ORDERS} orders, ${AT_ONCE} at a time, with random disconnects: each is whole or not there`, async () => {
      await using where = await kind.make();
      await using shop = await Storefront.start({ ...where.env, DEMO_DATA: "false" });
      const users = [await shop.newUser(), await shop.newUser()];
      const acknowledged: string[] = [];
      let [started, disconnected] = [0, 0];
      const one = async (n: number): Promise<void> => {
        const user_id = users[n % users.length]!;
        // One in four leaves at a random moment of what an order takes under this load.
        const signal = Math.random() < 0.25 ? AbortSignal.timeout(Math.floor(Math.random() * 60)) : undefined;
        const init = signal === undefined ? {} : { signal };
        try {
          const { status, body } = await shop.call<Order>("POST", "/api/v1/orders", { user_id, items: items() }, init);
          assert.equal(status, 201, JSON.stringify(body));
          acknowledged.push(body.id);
          // Two connections for one request, of which the client may be gone at any time.
          const read = await shop.call("GET", `/api/v1/users/${user_id}/with-posts`, undefined, init);
          assert.equal(read.status, 200, JSON.stringify(read.body));
        } catch (err) {
          if (!(err instanceof DOMException)) throw err;
          disconnected++;
        }
      };
      const client = async (): Promise<void> => {
        while (started++ < ORDERS) await one(started);
      };
      await Promise.all(Array.from({ length: AT_ONCE }, client));
      const there = await checkOrders(shop, acknowledged);
      assert.ok(there >= ORDERS / 2 && there <= ORDERS && disconnected > 0, JSON.stringify({ there, disconnected }));
      shop.kill("SIGTERM");
      assert.equal(await shop.exited(), 0, shop.lines.slice(-20).join("\n"));
    });

    it("acknowledged orders are there, and all orders whole, after kill -9 and a restart", async () => {
      await using where = await kind.make();
      const acknowledged: string[] = [];
      let user_id = "";
      for (let round = 0; round < 2; round++) {
        await using shop = await Storefront.start({ ...where.env, DEMO_DATA: "false" });
        if (round === 0) user_id = await shop.newUser();
        await checkOrders(shop, acknowledged);
        let left = 60 + Math.floor(Math.random() * 100);
        const client = async (): Promise<void> => {
          for (;;) {
            try {
              const asked = { user_id, items: items() };
              const { status, body } = await shop.call<Order>("POST", "/api/v1/orders", asked);
              if (status === 201) acknowledged.push(body.id);
            } catch {
              return;
            }
            if (--left === 0) shop.kill("SIGKILL");
          }
        };
        await Promise.all(Array.from({ length: 16 }, client));
        assert.equal(await shop.exited(), null);
      }
      await using shop = await Storefront.start({ ...where.env, DEMO_DATA: "false" });
      assert.ok((await checkOrders(shop, acknowledged)) >= acknowledged.length && acknowledged.length > 0);
    });
  });
}
