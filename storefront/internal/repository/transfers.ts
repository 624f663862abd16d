import type { Ctx } from "millrace/context";
import type { Pool, Querier } from "millrace/sql";
import * as accounts from "../../db/gen/accounts.ts";
import * as queries from "../../db/gen/transfers.ts";
import type { Account } from "../domain/account.ts";
import { Money } from "../domain/money.ts";
import type { Movement, Transfer } from "../domain/transfer.ts";
import { type Claim, type Refusal, failureOf } from "../service/idempotency.ts";
import type { TransferStore, TransferTx } from "../service/transfers.ts";
import { toAccount } from "./accounts.ts";

// Two transfers over the same accounts in opposite order lock them in one order, so a deadlock is rare; a transfer that
// loses one against something else is tried this often in all.
const ATTEMPTS = 5;

/** SqlTransfers keeps transfers in the table `transfers` and the outcomes of keys in `idempotency_keys`. */
export class SqlTransfers implements TransferStore {
  readonly #pool: Pool;

  constructor(pool: Pool) {
    this.#pool = pool;
  }

  transaction<T>(ctx: Ctx, fn: (ctx: Ctx, tx: TransferTx) => Promise<T>): Promise<T> {
    return this.#pool.tx(ctx, (ctx, tx) => fn(ctx, new SqlTransferTx(tx)), { attempts: ATTEMPTS });
  }

  find(ctx: Ctx, id: string): Promise<Transfer | undefined> {
    return findTransfer(ctx, this.#pool, id);
  }
}

class SqlTransferTx implements TransferTx {
  readonly #tx: Querier;

  constructor(tx: Querier) {
    this.#tx = tx;
  }

  async lockAccounts(ctx: Ctx, ids: readonly string[]): Promise<Account[]> {
    const rows = await accounts.lockAccounts(ctx, this.#tx, { ids });
    return rows.map(toAccount);
  }

  async record(ctx: Ctx, transfer: Transfer, { from, to }: Movement): Promise<void> {
    await queries.setBalances(ctx, this.#tx, {
      fromId: from.id,
      fromBalance: from.balance.toString(),
      toId: to.id,
      toBalance: to.balance.toString(),
    });
    await queries.insertTransfer(ctx, this.#tx, { ...transfer, amount: transfer.amount.toString() });
  }

  find(ctx: Ctx, id: string): Promise<Transfer | undefined> {
    return findTransfer(ctx, this.#tx, id);
  }

  async claimKey(ctx: Ctx, key: string, asked: string, createdAt: Date): Promise<Claim> {
    const claimed = await queries.claimKey(ctx, this.#tx, { key, fingerprint: asked, createdAt });
    if (claimed === 1) return { state: "mine" };
    const row = await queries.readKey(ctx, this.#tx, { key });
    // A committed row has one or the other: they are set in the transaction that inserts it.
    if (row.transferId !== null) return { state: "taken", asked: row.fingerprint, transferId: row.transferId };
    return { state: "taken", asked: row.fingerprint, refusal: failureOf(row.refusal as Refusal) };
  }

  async settleKey(ctx: Ctx, key: string, outcome: { transferId: string } | { refusal: Refusal }): Promise<void> {
    await queries.settleKey(ctx, this.#tx, { key, transferId: null, refusal: null, ...outcome });
  }
}

async function findTransfer(ctx: Ctx, db: Querier, id: string): Promise<Transfer | undefined> {
  const row = await queries.findTransfer(ctx, db, { id });
  if (row === undefined) return undefined;
  const { currency, amount, ...rest } = row;
  return { ...rest, amount: Money.fromStore(amount, currency) };
}
