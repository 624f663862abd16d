import { type Router, created, endpoint, json } from "millrace/http";
import { z } from "zod";
import { MAX_ITEMS, MAX_QUANTITY, type Order, type OrderItem } from "../domain/order.ts";
import type { Orders } from "../service/orders.ts";
import { byId, id, made, pageOf, pageQuery, time, toPage } from "./wire.ts";

const tags = ["orders"];

const quantity = z.int().min(1).max(MAX_QUANTITY);
const newItem = z
  .strictObject({
    sku: z
      .string()
      .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, "must be 1 to 64 letters, digits, dots, dashes and underscores")
      .meta({ examples: ["MUG-01"] }),
    quantity,
    unit_price: z
      .string()
      .max(40)
      .meta({ description: "a decimal of at most 1000000.00", examples: ["12.50"] }),
  })
  .meta({ id: "NewOrderItem" });
const newOrder = z
  .strictObject({ user_id: id, items: z.array(newItem).min(1).max(MAX_ITEMS) })
  .meta({ id: "NewOrder" });

const item = z.object({ sku: z.string(), quantity, unit_price: z.string() }).meta({ id: "OrderItem" });
const order = z
  .object({
    id,
    user_id: id,
    items: z.array(item),
    currency: z.string().meta({ examples: ["EUR"] }),
    total: z.string().meta({ description: "the exact sum of the items", examples: ["25.00"] }),
    created_at: time,
  })
  .meta({ id: "Order" });
const orderPage = pageOf(order).meta({ id: "OrderPage" });

const NO_USER = "There is no such user.";

/** orderRoutes serves /orders, and the orders of /users/:id. */
export function orderRoutes(r: Router, orders: Orders): void {
  r.get(
    "/orders",
    endpoint(
      { query: pageQuery, responses: { 200: orderPage }, tags, summary: "List orders", operationId: "listOrders" },
      async (ctx, { query }) => json(toPage(await orders.list(ctx, query.limit, query.cursor), toOrder)),
    ),
  );
  r.post(
    "/orders",
    endpoint(
      {
        body: newOrder,
        responses: { 201: made(order, "The order, with all of its items."), 404: NO_USER },
        tags,
        summary: "Order",
        operationId: "createOrder",
      },
      async (ctx, { body }) => {
        const items = body.items.map(({ sku, quantity, unit_price: unitPrice }) => ({ sku, quantity, unitPrice }));
        const order = await orders.create(ctx, { userId: body.user_id, items });
        return created(`/api/v1/orders/${order.id}`, toOrder(order));
      },
    ),
  );
  r.get(
    "/orders/:id",
    endpoint(
      {
        params: byId,
        responses: { 200: order, 404: "There is no such order." },
        tags,
        summary: "Read an order",
        operationId: "getOrder",
      },
      async (ctx, { params }) => json(toOrder(await orders.get(ctx, params.id))),
    ),
  );
  r.get(
    "/users/:id/orders",
    endpoint(
      {
        params: byId,
        query: pageQuery,
        responses: { 200: orderPage, 404: NO_USER },
        tags,
        summary: "List a user's orders",
        operationId: "listUserOrders",
      },
      async (ctx, { params, query }) =>
        json(toPage(await orders.listOf(ctx, params.id, query.limit, query.cursor), toOrder)),
    ),
  );
}

function toOrder({ id, userId, items, total, createdAt }: Order): object {
  return {
    id,
    user_id: userId,
    items: items.map(toItem),
    currency: total.currency,
    total: total.toString(),
    created_at: createdAt,
  };
}

function toItem({ sku, quantity, unitPrice }: OrderItem): object {
  return { sku, quantity, unit_price: unitPrice.toString() };
}
