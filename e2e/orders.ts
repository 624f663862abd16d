import assert from "node:assert/strict";
import type { Storefront } from "./storefront.ts";

/** Order is an order as the storefront gives it. */
export interface Order {
  readonly id: string;
  readonly user_id: string;
  readonly items: readonly Item[];
  readonly currency: string;
  readonly total: string;
  readonly created_at: string;
}

/** Item is a line of an order. */
export interface Item {
  readonly sku: string;
  readonly quantity: number;
  readonly unit_price: string;
}

/** items makes up to ten items at random prices; each names its place and how many there are, so a lost one is seen. */
export function items(): Item[] {
  const count = 1 + Math.floor(Math.random() * 10);
  return Array.from({ length: count }, (_, i) => ({
    sku: `${i + 1}-of-${count}`,
    quantity: 1 + Math.floor(Math.random() * 10_000),
    unit_price: cents(Math.floor(Math.random() * 100_000_001)),
  }));
}

function cents(n: number): string {
  return `${Math.floor(n / 100)}.${String(n % 100).padStart(2, "0")}`;
}

/** checkWhole checks that an order that was made of `items` has all of them, and that its total is their exact sum. */
export function checkWhole({ id, items, total }: Order): void {
  const places = items.map((_, i) => `${i + 1}-of-${items.length}`);
  assert.deepEqual(
    items.map(({ sku }) => sku),
    places,
    id,
  );
  const sum = items.reduce((sum, item) => sum + BigInt(item.quantity) * BigInt(item.unit_price.replace(".", "")), 0n);
  assert.equal(BigInt(total.replace(".", "")), sum, id);
}

/** checkOrders checks that all orders of a storefront are whole and that these are among them; it gives how many there are. */
export async function checkOrders(shop: Storefront, acknowledged: readonly string[]): Promise<number> {
  const orders = await shop.all<Order>("/api/v1/orders", 100);
  for (const order of orders) checkWhole(order);
  const ids = new Set(orders.map(({ id }) => id));
  assert.equal(ids.size, orders.length);
  for (const id of acknowledged) assert.ok(ids.has(id), `${id} is lost`);
  return ids.size;
}
