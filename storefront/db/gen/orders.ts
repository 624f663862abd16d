import type { Ctx } from "millrace/context";
import type { Querier } from "millrace/sql";

export interface InsertOrderArgs {
  readonly id: string;
  readonly userId: string;
  readonly currency: string;
  readonly total: string;
  readonly createdAt: Date;
}

export async function insertOrder(ctx: Ctx, db: Querier, args: InsertOrderArgs): Promise<void> {
  await db.exec(
    ctx,
    `-- name: InsertOrder
insert into orders (id, user_id, currency, total, created_at)
values ($1, $2, $3, $4, $5)`,
    [args.id, args.userId, args.currency, args.total, args.createdAt],
  );
}

export interface InsertOrderItemsArgs {
  readonly orderId: string;
  readonly skus: readonly string[];
  readonly quantities: readonly number[];
  readonly unitPrices: readonly string[];
}

export interface InsertOrderItemsRow {
  readonly total: string;
}

/** All items of an order with one statement, in the order of the arrays; gives what they come to. */
export function insertOrderItems(ctx: Ctx, db: Querier, args: InsertOrderItemsArgs): Promise<InsertOrderItemsRow> {
  return db.one<InsertOrderItemsRow>(
    ctx,
    `-- name: InsertOrderItems
with inserted as (
  insert into order_items (order_id, position, sku, quantity, unit_price)
  select $1::uuid, position, sku, quantity, unit_price
  from unnest($2::text[], $3::int[], $4::numeric[])
    with ordinality as item (sku, quantity, unit_price, position)
  returning quantity * unit_price as amount
)
select coalesce(sum(amount), 0) as total from inserted`,
    [args.orderId, args.skus, args.quantities, args.unitPrices],
  );
}

export interface FindOrderArgs {
  readonly id: string;
}

export interface FindOrderRow {
  readonly id: string;
  readonly userId: string;
  readonly currency: string;
  readonly total: string;
  readonly createdAt: Date;
}

export function findOrder(ctx: Ctx, db: Querier, args: FindOrderArgs): Promise<FindOrderRow | undefined> {
  return db.maybe<FindOrderRow>(
    ctx,
    `-- name: FindOrder
select id, user_id, currency, total, created_at from orders where id = $1`,
    [args.id],
  );
}

export interface ListOrdersArgs {
  readonly after: string;
  readonly maxRows: number;
}

export interface ListOrdersRow {
  readonly id: string;
  readonly userId: string;
  readonly currency: string;
  readonly total: string;
  readonly createdAt: Date;
}

/** In the order of their ids, after one of them. */
export function listOrders(ctx: Ctx, db: Querier, args: ListOrdersArgs): Promise<ListOrdersRow[]> {
  return db.many<ListOrdersRow>(
    ctx,
    `-- name: ListOrders
select id, user_id, currency, total, created_at from orders
where id > $1
order by id limit $2::int`,
    [args.after, args.maxRows],
  );
}

export interface ListOrdersOfArgs {
  readonly userId: string;
  readonly after: string;
  readonly maxRows: number;
}

export interface ListOrdersOfRow {
  readonly id: string;
  readonly userId: string;
  readonly currency: string;
  readonly total: string;
  readonly createdAt: Date;
}

export function listOrdersOf(ctx: Ctx, db: Querier, args: ListOrdersOfArgs): Promise<ListOrdersOfRow[]> {
  return db.many<ListOrdersOfRow>(
    ctx,
    `-- name: ListOrdersOf
select id, user_id, currency, total, created_at from orders
where user_id = $1 and id > $2
order by id limit $3::int`,
    [args.userId, args.after, args.maxRows],
  );
}

export interface ListItemsArgs {
  readonly orderIds: readonly string[];
}

export interface ListItemsRow {
  readonly orderId: string;
  readonly sku: string;
  readonly quantity: number;
  readonly unitPrice: string;
}

/** The items of several orders, each order's in their own order. */
export function listItems(ctx: Ctx, db: Querier, args: ListItemsArgs): Promise<ListItemsRow[]> {
  return db.many<ListItemsRow>(
    ctx,
    `-- name: ListItems
select order_id, sku, quantity, unit_price from order_items
where order_id = any($1::uuid[])
order by order_id, position`,
    [args.orderIds],
  );
}
