import type { Ctx } from "millrace/context";
import type { Querier } from "millrace/sql";

export interface InsertUserArgs {
  readonly id: string;
  readonly email: string;
  readonly name: string;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

export async function insertUser(ctx: Ctx, db: Querier, args: InsertUserArgs): Promise<void> {
  await db.exec(
    ctx,
    `-- name: InsertUser
insert into users (id, email, name, created_at, updated_at)
values ($1, $2, $3, $4, $5)`,
    [args.id, args.email, args.name, args.createdAt, args.updatedAt],
  );
}

export interface FindUserArgs {
  readonly id: string;
}

export interface FindUserRow {
  readonly id: string;
  readonly email: string;
  readonly name: string;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

export function findUser(ctx: Ctx, db: Querier, args: FindUserArgs): Promise<FindUserRow | undefined> {
  return db.maybe<FindUserRow>(
    ctx,
    `-- name: FindUser
select id, email, name, created_at, updated_at from users where id = $1`,
    [args.id],
  );
}

export interface ListUsersArgs {
  readonly after: string;
  readonly maxRows: number;
}

export interface ListUsersRow {
  readonly id: string;
  readonly email: string;
  readonly name: string;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** In the order of their ids, after one of them. */
export function listUsers(ctx: Ctx, db: Querier, args: ListUsersArgs): Promise<ListUsersRow[]> {
  return db.many<ListUsersRow>(
    ctx,
    `-- name: ListUsers
select id, email, name, created_at, updated_at from users
where id > $1
order by id limit $2::int`,
    [args.after, args.maxRows],
  );
}

export interface UpdateUserArgs {
  readonly email: string | null;
  readonly name: string | null;
  readonly updatedAt: Date;
  readonly id: string;
}

export interface UpdateUserRow {
  readonly id: string;
  readonly email: string;
  readonly name: string;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** What is null stays as it is. */
export function updateUser(ctx: Ctx, db: Querier, args: UpdateUserArgs): Promise<UpdateUserRow | undefined> {
  return db.maybe<UpdateUserRow>(
    ctx,
    `-- name: UpdateUser
update users set
  email = coalesce($1, email),
  name = coalesce($2, name),
  updated_at = $3
where id = $4
returning id, email, name, created_at, updated_at`,
    [args.email, args.name, args.updatedAt, args.id],
  );
}

export interface DeleteUserArgs {
  readonly id: string;
}

export function deleteUser(ctx: Ctx, db: Querier, args: DeleteUserArgs): Promise<number> {
  return db.exec(
    ctx,
    `-- name: DeleteUser
delete from users where id = $1`,
    [args.id],
  );
}
