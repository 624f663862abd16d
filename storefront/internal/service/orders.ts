import type { Ctx } from "millrace/context";
import type { Clock } from "millrace/time";
import { type NewItem, type Order, orderNotFound, price } from "../domain/order.ts";
import type { User } from "../domain/user.ts";
import { newId } from "./id.ts";
import { type Page, paginate } from "./page.ts";

/** NewOrder is what a client asks for. */
export interface NewOrder {
  readonly userId: string;
  readonly items: readonly NewItem[];
}

/** OrderStore keeps orders; a user who does not exist is refused. Lists are in the order of ids, after the id `after`. */
export interface OrderStore {
  /** insert writes the order with all of its items, or nothing. */
  insert(ctx: Ctx, order: Order): Promise<void>;
  find(ctx: Ctx, id: string): Promise<Order | undefined>;
  list(ctx: Ctx, limit: number, after: string | undefined): Promise<Order[]>;
  listOf(ctx: Ctx, userId: string, limit: number, after: string | undefined): Promise<Order[]>;
}

/** Buyers finds users; one who does not exist is refused. */
export interface Buyers {
  get(ctx: Ctx, id: string): Promise<User>;
}

/** Orders is what can be done with orders. */
export class Orders {
  readonly #store: OrderStore;
  readonly #buyers: Buyers;
  readonly #clock: Clock;

  constructor(store: OrderStore, buyers: Buyers, clock: Clock) {
    this.#store = store;
    this.#buyers = buyers;
    this.#clock = clock;
  }

  async create(ctx: Ctx, { userId, items }: NewOrder): Promise<Order> {
    const order: Order = { id: newId(), userId, ...price(items), createdAt: new Date(this.#clock.now()) };
    await this.#store.insert(ctx, order);
    return order;
  }

  async get(ctx: Ctx, id: string): Promise<Order> {
    const order = await this.#store.find(ctx, id);
    if (order === undefined) throw orderNotFound(id);
    return order;
  }

  async list(ctx: Ctx, limit: number, after: string | undefined): Promise<Page<Order>> {
    return paginate(await this.#store.list(ctx, limit + 1, after), limit);
  }

  async listOf(ctx: Ctx, userId: string, limit: number, after: string | undefined): Promise<Page<Order>> {
    const found = await this.#store.listOf(ctx, userId, limit + 1, after);
    if (found.length === 0) await this.#buyers.get(ctx, userId);
    return paginate(found, limit);
  }
}
