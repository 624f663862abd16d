import type { Ctx } from "millrace/context";
import type { Querier } from "millrace/sql";

export interface InsertAccountArgs {
  readonly id: string;
  readonly ownerId: string;
  readonly currency: string;
  readonly balance: string;
  readonly createdAt: Date;
}

export async function insertAccount(ctx: Ctx, db: Querier, args: InsertAccountArgs): Promise<void> {
  await db.exec(
    ctx,
    `-- name: InsertAccount
insert into accounts (id, owner_id, currency, balance, created_at)
values ($1, $2, $3, $4, $5)`,
    [args.id, args.ownerId, args.currency, args.balance, args.createdAt],
  );
}

export interface FindAccountArgs {
  readonly id: string;
}

export interface FindAccountRow {
  readonly id: string;
  readonly ownerId: string;
  readonly currency: string;
  readonly balance: string;
}

export function findAccount(ctx: Ctx, db: Querier, args: FindAccountArgs): Promise<FindAccountRow | undefined> {
  return db.maybe<FindAccountRow>(
    ctx,
    `-- name: FindAccount
select id, owner_id, currency, balance from accounts where id = $1`,
    [args.id],
  );
}

export interface LockAccountsArgs {
  readonly ids: readonly string[];
}

export interface LockAccountsRow {
  readonly id: string;
  readonly ownerId: string;
  readonly currency: string;
  readonly balance: string;
}

/** In the order of their ids: two transfers over the same accounts never wait in a circle. */
export function lockAccounts(ctx: Ctx, db: Querier, args: LockAccountsArgs): Promise<LockAccountsRow[]> {
  return db.many<LockAccountsRow>(
    ctx,
    `-- name: LockAccounts
select id, owner_id, currency, balance from accounts where id = any($1::uuid[]) order by id for update`,
    [args.ids],
  );
}
