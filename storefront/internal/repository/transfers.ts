import type { Ctx } from "millrace/context";
import type { Pool, Querier } from "millrace/sql";
import type { Account } from "../domain/account.ts";
import { Money } from "../domain/money.ts";
import type { Movement, Transfer } from "../domain/transfer.ts";
import { type Claim, type Refusal, failureOf } from "../service/idempotency.ts";
import type { TransferStore, TransferTx } from "../service/transfers.ts";
import { type AccountRow, toAccount } from "./accounts.ts";

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
    const sql = "select id, owner_id, currency, balance from accounts where id = any($1) order by id for update";
    const rows = await this.#tx.many<AccountRow>(ctx, sql, [ids]);
    return rows.map(toAccount);
  }

  async record(ctx: Ctx, transfer: Transfer, { from, to }: Movement): Promise<void> {
    const { id, fromAccountId, toAccountId, amount, createdAt } = transfer;
    await this.#tx.exec(
      ctx,
      "update accounts set balance = case id when $1::uuid then $2::numeric else $4::numeric end where id in ($1, $3::uuid)",
      [from.id, from.balance.toString(), to.id, to.balance.toString()],
    );
    await this.#tx.exec(
      ctx,
      "insert into transfers (id, from_account_id, to_account_id, amount, created_at) values ($1, $2, $3, $4, $5)",
      [id, fromAccountId, toAccountId, amount.toString(), createdAt],
    );
  }

  find(ctx: Ctx, id: string): Promise<Transfer | undefined> {
    return findTransfer(ctx, this.#tx, id);
  }

  async claimKey(ctx: Ctx, key: string, asked: string, at: Date): Promise<Claim> {
    // A second transaction with the same key waits here until the first has committed or rolled back.
    const claimed = await this.#tx.exec(
      ctx,
      "insert into idempotency_keys (key, fingerprint, created_at) values ($1, $2, $3) on conflict (key) do nothing",
      [key, asked, at],
    );
    if (claimed === 1) return { state: "mine" };
    const row = await this.#tx.one<KeyRow>(
      ctx,
      "select fingerprint, transfer_id, refusal from idempotency_keys where key = $1",
      [key],
    );
    if (row.refusal !== null) return { state: "taken", asked: row.fingerprint, refusal: failureOf(row.refusal) };
    return { state: "taken", asked: row.fingerprint, transferId: row.transferId };
  }

  async settleKey(ctx: Ctx, key: string, outcome: { transferId: string } | { refusal: Refusal }): Promise<void> {
    const args = "transferId" in outcome ? [key, outcome.transferId, null] : [key, null, outcome.refusal];
    await this.#tx.exec(ctx, "update idempotency_keys set transfer_id = $2, refusal = $3 where key = $1", args);
  }
}

// A committed row has one or the other: they are set in the transaction that inserts it.
type KeyRow = { readonly fingerprint: string } & (
  | { readonly transferId: string; readonly refusal: null }
  | { readonly transferId: null; readonly refusal: Refusal }
);

interface TransferRow {
  readonly id: string;
  readonly fromAccountId: string;
  readonly toAccountId: string;
  readonly amount: string;
  readonly currency: string;
  readonly createdAt: Date;
}

async function findTransfer(ctx: Ctx, db: Querier, id: string): Promise<Transfer | undefined> {
  const row = await db.maybe<TransferRow>(
    ctx,
    `select t.id, from_account_id, to_account_id, amount, currency, t.created_at
      from transfers t join accounts a on a.id = t.from_account_id where t.id = $1`,
    [id],
  );
  if (row === undefined) return undefined;
  const { currency, amount, ...rest } = row;
  return { ...rest, amount: Money.fromStore(amount, currency) };
}
