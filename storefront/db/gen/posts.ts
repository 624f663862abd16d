import type { Ctx } from "millrace/context";
import type { Querier } from "millrace/sql";

export interface InsertPostArgs {
  readonly id: string;
  readonly authorId: string;
  readonly title: string;
  readonly body: string;
  readonly createdAt: Date;
}

export async function insertPost(ctx: Ctx, db: Querier, args: InsertPostArgs): Promise<void> {
  await db.exec(
    ctx,
    `-- name: InsertPost
insert into posts (id, author_id, title, body, created_at) values ($1, $2, $3, $4, $5)`,
    [args.id, args.authorId, args.title, args.body, args.createdAt],
  );
}

export interface FindPostArgs {
  readonly id: string;
}

export interface FindPostRow {
  readonly id: string;
  readonly authorId: string;
  readonly title: string;
  readonly body: string;
  readonly createdAt: Date;
}

export function findPost(ctx: Ctx, db: Querier, args: FindPostArgs): Promise<FindPostRow | undefined> {
  return db.maybe<FindPostRow>(
    ctx,
    `-- name: FindPost
select id, author_id, title, body, created_at from posts where id = $1`,
    [args.id],
  );
}

export interface ListPostsArgs {
  readonly after: string;
  readonly maxRows: number;
}

export interface ListPostsRow {
  readonly id: string;
  readonly authorId: string;
  readonly title: string;
  readonly body: string;
  readonly createdAt: Date;
}

/** In the order of their ids, after one of them. */
export function listPosts(ctx: Ctx, db: Querier, args: ListPostsArgs): Promise<ListPostsRow[]> {
  return db.many<ListPostsRow>(
    ctx,
    `-- name: ListPosts
select id, author_id, title, body, created_at from posts
where id > $1
order by id limit $2::int`,
    [args.after, args.maxRows],
  );
}

export interface ListPostsOfArgs {
  readonly authorId: string;
  readonly after: string;
  readonly maxRows: number;
}

export interface ListPostsOfRow {
  readonly id: string;
  readonly authorId: string;
  readonly title: string;
  readonly body: string;
  readonly createdAt: Date;
}

export function listPostsOf(ctx: Ctx, db: Querier, args: ListPostsOfArgs): Promise<ListPostsOfRow[]> {
  return db.many<ListPostsOfRow>(
    ctx,
    `-- name: ListPostsOf
select id, author_id, title, body, created_at from posts
where author_id = $1 and id > $2
order by id limit $3::int`,
    [args.authorId, args.after, args.maxRows],
  );
}
