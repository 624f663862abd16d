import assert from "node:assert/strict";
import { test } from "node:test";
import { PLACES } from "./database.ts";
import type { Order } from "./orders.ts";
import { Storefront } from "./storefront.ts";

for (const kind of PLACES) {
  test(`the demo data on ${kind.name} is there once, however often it starts`, { timeout: 60_000 }, async () => {
    await using where = await kind.make();
    for (const start of ["first", "second"]) {
      await using shop = await Storefront.start({ ...where.env, DEMO_DATA: "true" });
      const all = async <T>(name: string): Promise<T[]> => shop.all<T>(`/api/v1/${name}`, 2);
      const orders = await all<Order>("orders");
      assert.deepEqual(
        { users: (await all("users")).length, posts: (await all("posts")).length, orders: orders.length },
        { users: 3, posts: 3, orders: 2 },
        start,
      );
      assert.deepEqual(
        orders.map(({ total }) => total),
        ["37.50", "50.00"],
      );
    }
  });
}
