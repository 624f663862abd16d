import type { Ctx } from "millrace/context";
import type { Clock } from "millrace/time";
import { type Account, accountNotFound } from "../domain/account.ts";
import { newId } from "./id.ts";
import { Money } from "../domain/money.ts";

/** NewAccount is what a client says about an account to be opened; the balance is a decimal text. */
export interface NewAccount {
  readonly ownerId: string;
  readonly currency: string;
  readonly openingBalance: string;
}

/** AccountStore keeps accounts; an owner who does not exist is refused. */
export interface AccountStore {
  insert(ctx: Ctx, account: Account, at: Date): Promise<void>;
  find(ctx: Ctx, id: string): Promise<Account | undefined>;
}

/** Accounts is what can be done with accounts, other than moving money. */
export class Accounts {
  readonly #store: AccountStore;
  readonly #clock: Clock;

  constructor(store: AccountStore, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  async open(ctx: Ctx, input: NewAccount): Promise<Account> {
    const balance = Money.parse(input.openingBalance, input.currency, "opening_balance");
    const account: Account = { id: newId(), ownerId: input.ownerId, balance };
    await this.#store.insert(ctx, account, new Date(this.#clock.now()));
    return account;
  }

  async get(ctx: Ctx, id: string): Promise<Account> {
    const account = await this.#store.find(ctx, id);
    if (account === undefined) throw accountNotFound(id);
    return account;
  }
}
