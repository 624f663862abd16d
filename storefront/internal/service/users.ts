import type { Ctx } from "millrace/context";
import type { Clock } from "millrace/time";
import { newId } from "./id.ts";
import { type User, userNotFound } from "../domain/user.ts";
import { type Page, paginate } from "./page.ts";

/** UserFields is what a client decides about a user. */
export interface UserFields {
  readonly email: string;
  readonly name: string;
}

/** UserChanges is what a client changes about a user; what is left out stays as it is. */
export interface UserChanges {
  readonly email?: string | undefined;
  readonly name?: string | undefined;
}

/** UserStore keeps users. A taken e-mail address and a user who still owns accounts are refused. */
export interface UserStore {
  insert(ctx: Ctx, user: User): Promise<void>;
  find(ctx: Ctx, id: string): Promise<User | undefined>;
  /** list gives up to `limit` users in the order of their ids, after the id `after`. */
  list(ctx: Ctx, limit: number, after: string | undefined): Promise<User[]>;
  /** update changes the fields that are given and gives the user as it is then; undefined: no such user. */
  update(ctx: Ctx, id: string, fields: UserChanges, at: Date): Promise<User | undefined>;
  /** remove says whether there was such a user. */
  remove(ctx: Ctx, id: string): Promise<boolean>;
}

/** Users is what can be done with users. */
export class Users {
  readonly #store: UserStore;
  readonly #clock: Clock;

  constructor(store: UserStore, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  async create(ctx: Ctx, fields: UserFields): Promise<User> {
    const now = new Date(this.#clock.now());
    const user: User = { id: newId(), email: fields.email, name: fields.name, createdAt: now, updatedAt: now };
    await this.#store.insert(ctx, user);
    return user;
  }

  async get(ctx: Ctx, id: string): Promise<User> {
    const user = await this.#store.find(ctx, id);
    if (user === undefined) throw userNotFound(id);
    return user;
  }

  async list(ctx: Ctx, limit: number, after: string | undefined): Promise<Page<User>> {
    // One more than asked for tells whether there is a next page.
    return paginate(await this.#store.list(ctx, limit + 1, after), limit);
  }

  /** change replaces the fields that are given and keeps the others. */
  async change(ctx: Ctx, id: string, fields: UserChanges): Promise<User> {
    const user = await this.#store.update(ctx, id, fields, new Date(this.#clock.now()));
    if (user === undefined) throw userNotFound(id);
    return user;
  }

  async remove(ctx: Ctx, id: string): Promise<void> {
    if (!(await this.#store.remove(ctx, id))) throw userNotFound(id);
  }
}
