import type { Ctx } from "millrace/context";
import type { Querier } from "millrace/sql";
import * as queries from "../../db/gen/posts.ts";
import type { Post } from "../domain/post.ts";
import { userNotFound } from "../domain/user.ts";
import type { PostStore } from "../service/posts.ts";
import { BEFORE_ALL } from "./before-all.ts";
import { refusing } from "./refusing.ts";

/** SqlPosts keeps posts in the table `posts`. */
export class SqlPosts implements PostStore {
  readonly #db: Querier;

  constructor(db: Querier) {
    this.#db = db;
  }

  insert(ctx: Ctx, post: Post): Promise<void> {
    return refusing(
      "sql/foreign_key_violation",
      () => userNotFound(post.authorId),
      () => queries.insertPost(ctx, this.#db, post),
    );
  }

  find(ctx: Ctx, id: string): Promise<Post | undefined> {
    return queries.findPost(ctx, this.#db, { id });
  }

  list(ctx: Ctx, limit: number, after: string = BEFORE_ALL): Promise<Post[]> {
    return queries.listPosts(ctx, this.#db, { after, maxRows: limit });
  }

  listOf(ctx: Ctx, authorId: string, limit: number, after: string = BEFORE_ALL): Promise<Post[]> {
    return queries.listPostsOf(ctx, this.#db, { authorId, after, maxRows: limit });
  }
}
