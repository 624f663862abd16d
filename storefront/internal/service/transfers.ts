import type { Ctx } from "millrace/context";
import { Failure, ValidationFailure, as } from "millrace/errors";
import type { Clock } from "millrace/time";
import { type Account, accountNotFound } from "../domain/account.ts";
import { newId } from "./id.ts";
import { type Movement, type Transfer, move, transferNotFound } from "../domain/transfer.ts";
import { type Claim, type Refusal, fingerprint, keyReused, refusalOf } from "./idempotency.ts";

/** NewTransfer is what a client asks for; the amount is a decimal text. */
export interface NewTransfer {
  readonly fromAccountId: string;
  readonly toAccountId: string;
  readonly amount: string;
}

/** TransferStore keeps transfers. */
export interface TransferStore {
  /** transaction runs a function in one transaction, again after a serialization failure or a deadlock. */
  transaction<T>(ctx: Ctx, fn: (ctx: Ctx, tx: TransferTx) => Promise<T>): Promise<T>;
  find(ctx: Ctx, id: string): Promise<Transfer | undefined>;
}

/** TransferTx is what happens inside the one transaction of a transfer. */
export interface TransferTx {
  /** lockAccounts locks the accounts' rows in the order of their ids, so that two transfers never wait in a circle. */
  lockAccounts(ctx: Ctx, ids: readonly string[]): Promise<Account[]>;
  /** record writes both balances and the transfer. */
  record(ctx: Ctx, transfer: Transfer, movement: Movement): Promise<void>;
  find(ctx: Ctx, id: string): Promise<Transfer | undefined>;
  /** claimKey takes a key for this transaction, or waits for the one that has it and gives what came of it. */
  claimKey(ctx: Ctx, key: string, asked: string, at: Date): Promise<Claim>;
  settleKey(ctx: Ctx, key: string, outcome: { transferId: string } | { refusal: Refusal }): Promise<void>;
}

/** Outcome is a transfer, and whether it is an earlier one that its key found again. */
export interface Outcome {
  readonly transfer: Transfer;
  readonly replayed: boolean;
}

/** Transfers moves money: all of it or nothing, once per Idempotency-Key. */
export class Transfers {
  readonly #store: TransferStore;
  readonly #clock: Clock;

  constructor(store: TransferStore, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  async get(ctx: Ctx, id: string): Promise<Transfer> {
    const transfer = await this.#store.find(ctx, id);
    if (transfer === undefined) throw transferNotFound(id);
    return transfer;
  }

  /**
   * create moves money. With a key, the first outcome (a transfer or a refusal) is kept in the same transaction and
   * given again to whoever asks with the key and the same input; another input is refused.
   */
  async create(ctx: Ctx, input: NewTransfer, key?: string): Promise<Outcome> {
    if (input.fromAccountId === input.toAccountId) throw sameAccount();
    const done = await this.#store.transaction<Outcome | Failure>(ctx, async (ctx, tx) => {
      if (key === undefined) return { transfer: await this.#move(ctx, tx, input), replayed: false };
      const asked = fingerprint(input);
      const claim = await tx.claimKey(ctx, key, asked, new Date(this.#clock.now()));
      if (claim.state === "taken") return replay(ctx, tx, claim, asked);
      try {
        const transfer = await this.#move(ctx, tx, input);
        await tx.settleKey(ctx, key, { transferId: transfer.id });
        return { transfer, replayed: false };
      } catch (err) {
        // A refusal comes before anything is written, so the transaction can still commit, with the refusal.
        const refusal = refusalOf(err);
        if (refusal === undefined) throw err;
        await tx.settleKey(ctx, key, { refusal });
        return as(err, Failure) ?? new Failure("unreachable: a refusal is a Failure", { code: "internal" });
      }
    });
    if (done instanceof Failure) throw done;
    return done;
  }

  async #move(ctx: Ctx, tx: TransferTx, input: NewTransfer): Promise<Transfer> {
    const { fromAccountId, toAccountId } = input;
    const accounts = await tx.lockAccounts(ctx, [fromAccountId, toAccountId]);
    const [from, to] = [fromAccountId, toAccountId].map((id) => {
      const account = accounts.find((a) => a.id === id);
      if (account === undefined) throw accountNotFound(id);
      return account;
    }) as [Account, Account];
    const movement = move(from, to, input.amount);
    const { amount } = movement;
    const transfer = { id: newId(), fromAccountId, toAccountId, amount, createdAt: new Date(this.#clock.now()) };
    await tx.record(ctx, transfer, movement);
    return transfer;
  }
}

async function replay(
  ctx: Ctx,
  tx: TransferTx,
  claim: Extract<Claim, { state: "taken" }>,
  asked: string,
): Promise<Outcome | Failure> {
  if (claim.asked !== asked) return keyReused();
  if (claim.refusal !== undefined) return claim.refusal;
  const transfer = await tx.find(ctx, claim.transferId);
  if (transfer === undefined) throw transferNotFound(claim.transferId);
  return { transfer, replayed: true };
}

function sameAccount(): ValidationFailure {
  const message = "must differ from from_account_id";
  return new ValidationFailure(`to_account_id: ${message}`, [{ path: ["to_account_id"], message }]);
}
