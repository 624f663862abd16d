import type { Ctx } from "millrace/context";
import type { Querier, TxFn } from "millrace/sql";
import * as queries from "../../db/gen/orders.ts";
import { Money } from "../domain/money.ts";
import { type Order, checkTotal } from "../domain/order.ts";
import { userNotFound } from "../domain/user.ts";
import type { OrderStore } from "../service/orders.ts";
import { BEFORE_ALL } from "./before-all.ts";
import { refusing } from "./refusing.ts";

/** Database is a pool, or a transaction of which each order is a part. */
interface Database extends Querier {
  tx<T>(ctx: Ctx, fn: TxFn<T>): Promise<T>;
}

/** SqlOrders keeps orders in the tables `orders` and `order_items`. */
export class SqlOrders implements OrderStore {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  insert(ctx: Ctx, order: Order): Promise<void> {
    const { id, userId, items, total, createdAt } = order;
    const { currency } = total;
    return this.#db.tx(ctx, async (ctx, tx) => {
      await refusing(
        "sql/foreign_key_violation",
        () => userNotFound(userId),
        () => queries.insertOrder(ctx, tx, { id, userId, currency, total: total.toString(), createdAt }),
      );
      const stored = await queries.insertOrderItems(ctx, tx, {
        orderId: id,
        skus: items.map((item) => item.sku),
        quantities: items.map((item) => item.quantity),
        unitPrices: items.map((item) => item.unitPrice.toString()),
      });
      checkTotal(order, Money.fromStore(stored.total, currency));
    });
  }

  async find(ctx: Ctx, id: string): Promise<Order | undefined> {
    const row = await queries.findOrder(ctx, this.#db, { id });
    if (row === undefined) return undefined;
    const [order] = await this.#withItems(ctx, [row]);
    return order;
  }

  async list(ctx: Ctx, limit: number, after: string = BEFORE_ALL): Promise<Order[]> {
    return this.#withItems(ctx, await queries.listOrders(ctx, this.#db, { after, maxRows: limit }));
  }

  async listOf(ctx: Ctx, userId: string, limit: number, after: string = BEFORE_ALL): Promise<Order[]> {
    return this.#withItems(ctx, await queries.listOrdersOf(ctx, this.#db, { userId, after, maxRows: limit }));
  }

  // One statement for the items of all of them. An order never changes, so whoever sees it sees all of its items.
  async #withItems(ctx: Ctx, rows: readonly queries.FindOrderRow[]): Promise<Order[]> {
    const found = await queries.listItems(ctx, this.#db, { orderIds: rows.map(({ id }) => id) });
    const items = Map.groupBy(found, ({ orderId }) => orderId);
    return rows.map(({ currency, total, ...row }) => ({
      ...row,
      total: Money.fromStore(total, currency),
      items: (items.get(row.id) ?? []).map(({ sku, quantity, unitPrice }) => ({
        sku,
        quantity,
        unitPrice: Money.fromStore(unitPrice, currency),
      })),
    }));
  }
}
