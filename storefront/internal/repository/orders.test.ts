import assert from "node:assert/strict";
import { Failure } from "millrace/errors";
import { systemClock } from "millrace/time";
import { CURRENCY, type Order, price } from "../domain/order.ts";
import { Money } from "../domain/money.ts";
import { newId } from "../service/id.ts";
import { Users } from "../service/users.ts";
import { SqlOrders } from "./orders.ts";
import { databaseTest } from "./testing/database.ts";
import { SqlUsers } from "./users.ts";

databaseTest("an order is written with all of its items, or nothing is", async (ctx, db) => {
  const pool = await db.open(ctx);
  const orders = new SqlOrders(pool);
  const ada = await new Users(new SqlUsers(pool), systemClock).create(ctx, { email: "ada@example.com", name: "Ada" });
  const items = Array.from({ length: 100 }, (_, i) => ({ sku: `S${i}`, quantity: i + 1, unitPrice: "1.10" }));
  const order: Order = { id: newId(), userId: ada.id, ...price(items), createdAt: new Date(0) };
  const wrong = [
    { name: "a total that is not their sum", order: { total: Money.parse("1", CURRENCY) }, reason: "order/total" },
    { name: "a user who does not exist", order: { userId: newId() }, reason: "user/not_found" },
    {
      name: "an item that is refused",
      order: { items: [...order.items.slice(1), { ...order.items[0]!, quantity: 0 }] },
      reason: "sql/check_violation",
    },
  ];
  for (const { name, order: change, reason } of wrong) {
    const inserted = orders.insert(ctx, { ...order, ...change });
    await assert.rejects(inserted, (err) => err instanceof Failure && err.reason === reason, name);
    assert.equal(await orders.find(ctx, order.id), undefined, name);
  }
  await orders.insert(ctx, order);
  assert.deepEqual(await pool.one(ctx, "select count(*)::int as n from order_items"), { n: 100 });
  const [found] = await orders.listOf(ctx, ada.id, 10);
  assert.deepEqual(
    found?.items.map(({ sku }) => sku),
    items.map(({ sku }) => sku),
  );
  assert.equal(found?.total.toString(), "5555.00");
});
