import type { Ctx } from "millrace/context";
import type { Querier } from "millrace/sql";
import * as queries from "../../db/gen/users.ts";
import { type Owned, type User, emailTaken, userHas } from "../domain/user.ts";
import type { UserChanges, UserStore } from "../service/users.ts";
import { BEFORE_ALL } from "./before-all.ts";
import { refusing } from "./refusing.ts";

/** SqlUsers keeps users in the table `users`. */
export class SqlUsers implements UserStore {
  readonly #db: Querier;

  constructor(db: Querier) {
    this.#db = db;
  }

  insert(ctx: Ctx, user: User): Promise<void> {
    return refusing("sql/unique_violation", emailTaken, () => queries.insertUser(ctx, this.#db, user));
  }

  find(ctx: Ctx, id: string): Promise<User | undefined> {
    return queries.findUser(ctx, this.#db, { id });
  }

  list(ctx: Ctx, limit: number, after: string = BEFORE_ALL): Promise<User[]> {
    return queries.listUsers(ctx, this.#db, { after, maxRows: limit });
  }

  update(ctx: Ctx, id: string, fields: UserChanges, updatedAt: Date): Promise<User | undefined> {
    const { email = null, name = null } = fields;
    return refusing("sql/unique_violation", emailTaken, () =>
      queries.updateUser(ctx, this.#db, { id, email, name, updatedAt }),
    );
  }

  async remove(ctx: Ctx, id: string): Promise<boolean> {
    const removed = await refusing(
      "sql/foreign_key_violation",
      // The table that refers to the user; only these three do.
      ({ table }) => userHas(id, table as Owned),
      () => queries.deleteUser(ctx, this.#db, { id }),
    );
    return removed > 0;
  }
}
