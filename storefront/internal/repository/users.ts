import type { Ctx } from "millrace/context";
import type { Querier } from "millrace/sql";
import { type User, emailTaken, userHasAccounts } from "../domain/user.ts";
import type { UserChanges, UserStore } from "../service/users.ts";
import { refusing } from "./refusing.ts";

const COLUMNS = "id, email, name, created_at, updated_at";

/** SqlUsers keeps users in the table `users`. */
export class SqlUsers implements UserStore {
  readonly #db: Querier;

  constructor(db: Querier) {
    this.#db = db;
  }

  async insert(ctx: Ctx, user: User): Promise<void> {
    const { id, email, name, createdAt, updatedAt } = user;
    await refusing("sql/unique_violation", emailTaken, () =>
      this.#db.exec(ctx, `insert into users (${COLUMNS}) values ($1, $2, $3, $4, $5)`, [
        id,
        email,
        name,
        createdAt,
        updatedAt,
      ]),
    );
  }

  find(ctx: Ctx, id: string): Promise<User | undefined> {
    return this.#db.maybe<User>(ctx, `select ${COLUMNS} from users where id = $1`, [id]);
  }

  list(ctx: Ctx, limit: number, after: string | undefined): Promise<User[]> {
    const sql = `select ${COLUMNS} from users where $2::uuid is null or id > $2 order by id limit $1`;
    return this.#db.many<User>(ctx, sql, [limit, after ?? null]);
  }

  update(ctx: Ctx, id: string, fields: UserChanges, at: Date): Promise<User | undefined> {
    const sql = `update users set email = coalesce($2, email), name = coalesce($3, name), updated_at = $4
      where id = $1 returning ${COLUMNS}`;
    return refusing("sql/unique_violation", emailTaken, () =>
      this.#db.maybe<User>(ctx, sql, [id, fields.email ?? null, fields.name ?? null, at]),
    );
  }

  async remove(ctx: Ctx, id: string): Promise<boolean> {
    const removed = await refusing(
      "sql/foreign_key_violation",
      () => userHasAccounts(id),
      () => this.#db.exec(ctx, "delete from users where id = $1", [id]),
    );
    return removed > 0;
  }
}
