import type { Ctx } from "millrace/context";
import type { Querier } from "millrace/sql";
import type { Account } from "../domain/account.ts";
import { Money } from "../domain/money.ts";
import { userNotFound } from "../domain/user.ts";
import type { AccountStore } from "../service/accounts.ts";
import { refusing } from "./refusing.ts";

/** AccountRow is an account as the table `accounts` has it. */
export interface AccountRow {
  readonly id: string;
  readonly ownerId: string;
  readonly currency: string;
  readonly balance: string;
}

export function toAccount({ id, ownerId, currency, balance }: AccountRow): Account {
  return { id, ownerId, balance: Money.fromStore(balance, currency) };
}

/** SqlAccounts keeps accounts in the table `accounts`. */
export class SqlAccounts implements AccountStore {
  readonly #db: Querier;

  constructor(db: Querier) {
    this.#db = db;
  }

  async insert(ctx: Ctx, { id, ownerId, balance }: Account, at: Date): Promise<void> {
    const sql = "insert into accounts (id, owner_id, currency, balance, created_at) values ($1, $2, $3, $4, $5)";
    await refusing(
      "sql/foreign_key_violation",
      () => userNotFound(ownerId),
      () => this.#db.exec(ctx, sql, [id, ownerId, balance.currency, balance.toString(), at]),
    );
  }

  async find(ctx: Ctx, id: string): Promise<Account | undefined> {
    const sql = "select id, owner_id, currency, balance from accounts where id = $1";
    const row = await this.#db.maybe<AccountRow>(ctx, sql, [id]);
    return row === undefined ? undefined : toAccount(row);
  }
}
