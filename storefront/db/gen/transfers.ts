import type { Ctx } from "millrace/context";
import type { Querier } from "millrace/sql";

export interface SetBalancesArgs {
  readonly fromId: string;
  readonly fromBalance: string;
  readonly toBalance: string;
  readonly toId: string;
}

export async function setBalances(ctx: Ctx, db: Querier, args: SetBalancesArgs): Promise<void> {
  await db.exec(
    ctx,
    `-- name: SetBalances
update accounts
set balance = case id when $1::uuid then $2::numeric else $3::numeric end
where id in ($1::uuid, $4::uuid)`,
    [args.fromId, args.fromBalance, args.toBalance, args.toId],
  );
}

export interface InsertTransferArgs {
  readonly id: string;
  readonly fromAccountId: string;
  readonly toAccountId: string;
  readonly amount: string;
  readonly createdAt: Date;
}

export async function insertTransfer(ctx: Ctx, db: Querier, args: InsertTransferArgs): Promise<void> {
  await db.exec(
    ctx,
    `-- name: InsertTransfer
insert into transfers (id, from_account_id, to_account_id, amount, created_at)
values ($1, $2, $3, $4, $5)`,
    [args.id, args.fromAccountId, args.toAccountId, args.amount, args.createdAt],
  );
}

export interface FindTransferArgs {
  readonly id: string;
}

export interface FindTransferRow {
  readonly id: string;
  readonly fromAccountId: string;
  readonly toAccountId: string;
  readonly amount: string;
  readonly currency: string;
  readonly createdAt: Date;
}

export function findTransfer(ctx: Ctx, db: Querier, args: FindTransferArgs): Promise<FindTransferRow | undefined> {
  return db.maybe<FindTransferRow>(
    ctx,
    `-- name: FindTransfer
select t.id, t.from_account_id, t.to_account_id, t.amount, a.currency, t.created_at
from transfers t join accounts a on a.id = t.from_account_id
where t.id = $1`,
    [args.id],
  );
}

export interface ClaimKeyArgs {
  readonly key: string;
  readonly fingerprint: string;
  readonly createdAt: Date;
}

/** 1: the key is this transaction's. A second transaction with the key waits until the first has ended. */
export function claimKey(ctx: Ctx, db: Querier, args: ClaimKeyArgs): Promise<number> {
  return db.exec(
    ctx,
    `-- name: ClaimKey
insert into idempotency_keys (key, fingerprint, created_at) values ($1, $2, $3)
on conflict (key) do nothing`,
    [args.key, args.fingerprint, args.createdAt],
  );
}

export interface ReadKeyArgs {
  readonly key: string;
}

export interface ReadKeyRow {
  readonly fingerprint: string;
  readonly transferId: string | null;
  readonly refusal: unknown;
}

export function readKey(ctx: Ctx, db: Querier, args: ReadKeyArgs): Promise<ReadKeyRow> {
  return db.one<ReadKeyRow>(
    ctx,
    `-- name: ReadKey
select fingerprint, transfer_id, refusal from idempotency_keys where key = $1`,
    [args.key],
  );
}

export interface SettleKeyArgs {
  readonly transferId: string | null;
  readonly refusal: unknown;
  readonly key: string;
}

export async function settleKey(ctx: Ctx, db: Querier, args: SettleKeyArgs): Promise<void> {
  await db.exec(
    ctx,
    `-- name: SettleKey
update idempotency_keys set transfer_id = $1, refusal = $2 where key = $3`,
    [args.transferId, args.refusal, args.key],
  );
}

export interface ForgetKeysArgs {
  readonly before: Date;
}

export function forgetKeys(ctx: Ctx, db: Querier, args: ForgetKeysArgs): Promise<number> {
  return db.exec(
    ctx,
    `-- name: ForgetKeys
delete from idempotency_keys where created_at < $1`,
    [args.before],
  );
}
