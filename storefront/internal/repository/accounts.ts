import type { Ctx } from "millrace/context";
import type { Querier } from "millrace/sql";
import * as queries from "../../db/gen/accounts.ts";
import type { Account } from "../domain/account.ts";
import { Money } from "../domain/money.ts";
import { userNotFound } from "../domain/user.ts";
import type { AccountStore } from "../service/accounts.ts";
import { refusing } from "./refusing.ts";

export function toAccount({ id, ownerId, currency, balance }: queries.FindAccountRow): Account {
  return { id, ownerId, balance: Money.fromStore(balance, currency) };
}

/** SqlAccounts keeps accounts in the table `accounts`. */
export class SqlAccounts implements AccountStore {
  readonly #db: Querier;

  constructor(db: Querier) {
    this.#db = db;
  }

  insert(ctx: Ctx, { id, ownerId, balance }: Account, createdAt: Date): Promise<void> {
    const row = { id, ownerId, currency: balance.currency, balance: balance.toString(), createdAt };
    return refusing(
      "sql/foreign_key_violation",
      () => userNotFound(ownerId),
      () => queries.insertAccount(ctx, this.#db, row),
    );
  }

  async find(ctx: Ctx, id: string): Promise<Account | undefined> {
    const row = await queries.findAccount(ctx, this.#db, { id });
    return row === undefined ? undefined : toAccount(row);
  }
}
