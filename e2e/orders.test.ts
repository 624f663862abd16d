import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { PLACES, type Place } from "./database.ts";
import { type Item, type Order, checkWhole, items } from "./orders.ts";
import { issuePaths, problem } from "./problem.ts";
import { Storefront } from "./storefront.ts";

const times = (count: number, item: Item): Item[] => Array.from({ length: count }, () => item);
const NOBODY = "00000000-0000-7000-8000-000000000000";

for (const kind of PLACES) {
  describe(`orders on ${kind.name}`, { timeout: 60_000 }, () => {
    let place: Place;
    let shop: Storefront;
    before(async () => {
      place = await kind.make();
      shop = await Storefront.start({ ...place.env, NODE_ENV: "test", DEMO_DATA: "false" });
    });
    after(async () => {
      await shop[Symbol.asyncDispose]();
      await place[Symbol.asyncDispose]();
    });
    const order = (user_id: unknown, items: unknown) => shop.call<Order>("POST", "/api/v1/orders", { user_id, items });
    const mug: Item = { sku: "MUG-01", quantity: 3, unit_price: "0.1" };

    it("orders items, with an exact total", async () => {
      const user_id = await shop.newUser();
      const made = await order(user_id, [mug, { sku: "TEA.green_1", quantity: 1, unit_price: "2" }]);
      assert.equal(made.status, 201, JSON.stringify(made.body));
      const { id, created_at: at, ...rest } = made.body;
      assert.deepEqual(rest, {
        user_id,
        items: [
          { sku: "MUG-01", quantity: 3, unit_price: "0.10" },
          { sku: "TEA.green_1", quantity: 1, unit_price: "2.00" },
        ],
        currency: "EUR",
        total: "2.30",
      });
      assert.ok(Date.parse(at) > 0);
      assert.equal(made.headers.get("location"), `/api/v1/orders/${id}`);
      assert.deepEqual((await shop.call("GET", `/api/v1/orders/${id}`)).body, made.body);
      const deleted = await shop.call("DELETE", `/api/v1/users/${user_id}`);
      assert.equal(problem(deleted, 409)["reason"], "user/has_orders");
    });

    it("takes an order as large as there can be, and none beyond", async () => {
      const user = await shop.newUser();
      const most = { sku: "x".repeat(64), quantity: 10_000, unit_price: "1000000.00" };
      const largest = await order(user, times(100, most));
      assert.deepEqual([largest.status, largest.body.total], [201, "1000000000000.00"]);
      assert.equal((await order(user, [{ ...mug, unit_price: "0" }])).body.total, "0.00");
      const wrong: [items: unknown, paths: string[]][] = [
        [[], ["items"]],
        [times(101, mug), ["items"]],
        ["mug", ["items"]],
        [[{ ...mug, quantity: 0 }], ["items.0.quantity"]],
        [[{ ...mug, quantity: 10_001 }], ["items.0.quantity"]],
        [[{ ...mug, quantity: 1.5 }], ["items.0.quantity"]],
        [[{ ...mug, quantity: "1" }], ["items.0.quantity"]],
        [[mug, { ...mug, sku: "" }], ["items.1.sku"]],
        [[mug, { ...mug, sku: "a b" }], ["items.1.sku"]],
        [[{ ...mug, sku: "x".repeat(65) }], ["items.0.sku"]],
        [[{ ...mug, unit_price: 1 }], ["items.0.unit_price"]],
        [
          ["-0.01", "0.001", "1000000.01", "1,5", "1e3", "NaN", ""].map((unit_price) => ({ ...mug, unit_price })),
          [0, 1, 2, 3, 4, 5, 6].map((i) => `items.${i}.unit_price`),
        ],
      ];
      for (const [items, paths] of wrong) {
        const answer = await shop.call("POST", "/api/v1/orders", { user_id: user, items });
        assert.deepEqual(issuePaths(answer), paths, JSON.stringify(items));
      }
      assert.equal((await shop.all(`/api/v1/users/${user}/orders`, 100)).length, 2);
    });

    it("refuses a user and an order that do not exist", async () => {
      for (const answer of [
        await shop.call("POST", "/api/v1/orders", { user_id: NOBODY, items: [mug] }),
        await shop.call("GET", `/api/v1/users/${NOBODY}/orders`),
      ]) {
        assert.equal(problem(answer, 404)["reason"], "user/not_found");
      }
      assert.equal(problem(await shop.call("GET", `/api/v1/orders/${NOBODY}`), 404)["reason"], "order/not_found");
    });

    it("lists orders with their items, all of them and one user's, in pages that neither miss nor repeat any", async () => {
      const [ada, bob, idle] = [await shop.newUser("Ada"), await shop.newUser("Bob"), await shop.newUser("Idle")];
      const made: Order[] = [];
      for (let i = 0; i < 8; i++) made.push((await order(i % 4 === 3 ? bob : ada, items())).body);
      for (const order of made) checkWhole(order);
      const own = (user: string): Order[] => made.filter((order) => order.user_id === user);
      assert.deepEqual(await shop.all(`/api/v1/users/${ada}/orders`, 4), own(ada));
      assert.deepEqual(await shop.all(`/api/v1/users/${bob}/orders`, 2), own(bob));
      assert.deepEqual(await shop.all(`/api/v1/users/${idle}/orders`, 2), []);
      const all = await shop.all<Order>("/api/v1/orders", 3);
      assert.equal(new Set(all.map(({ id }) => id)).size, all.length);
      assert.deepEqual(all.slice(-made.length), made);
      assert.deepEqual(issuePaths(await shop.call("GET", "/api/v1/orders?limit=0&cursor=x")), [
        "query.cursor",
        "query.limit",
      ]);
    });
  });
}
