import type { Ctx } from "millrace/context";
import { group } from "millrace/task";
import type { Clock } from "millrace/time";
import { type Post, postNotFound } from "../domain/post.ts";
import type { User } from "../domain/user.ts";
import { newId } from "./id.ts";
import { type Page, paginate } from "./page.ts";

/** NewPost is what a client says about a post. */
export interface NewPost {
  readonly authorId: string;
  readonly title: string;
  readonly body: string;
}

/** PostStore keeps posts; an author who does not exist is refused. Lists are in the order of ids, after the id `after`. */
export interface PostStore {
  insert(ctx: Ctx, post: Post): Promise<void>;
  find(ctx: Ctx, id: string): Promise<Post | undefined>;
  list(ctx: Ctx, limit: number, after: string | undefined): Promise<Post[]>;
  listOf(ctx: Ctx, authorId: string, limit: number, after: string | undefined): Promise<Post[]>;
}

/** Authors finds users; one who does not exist is refused. */
export interface Authors {
  get(ctx: Ctx, id: string): Promise<User>;
}

/** WithPosts is a user, and a page of the user's posts. */
export interface WithPosts {
  readonly user: User;
  readonly posts: Page<Post>;
}

/** Posts is what can be done with posts. */
export class Posts {
  readonly #store: PostStore;
  readonly #authors: Authors;
  readonly #clock: Clock;

  constructor(store: PostStore, authors: Authors, clock: Clock) {
    this.#store = store;
    this.#authors = authors;
    this.#clock = clock;
  }

  async create(ctx: Ctx, { authorId, title, body }: NewPost): Promise<Post> {
    const post: Post = { id: newId(), authorId, title, body, createdAt: new Date(this.#clock.now()) };
    await this.#store.insert(ctx, post);
    return post;
  }

  async get(ctx: Ctx, id: string): Promise<Post> {
    const post = await this.#store.find(ctx, id);
    if (post === undefined) throw postNotFound(id);
    return post;
  }

  async list(ctx: Ctx, limit: number, after: string | undefined): Promise<Page<Post>> {
    return paginate(await this.#store.list(ctx, limit + 1, after), limit);
  }

  async listOf(ctx: Ctx, authorId: string, limit: number, after: string | undefined): Promise<Page<Post>> {
    const found = await this.#store.listOf(ctx, authorId, limit + 1, after);
    // Nothing found is an answer only where there is somebody.
    if (found.length === 0) await this.#authors.get(ctx, authorId);
    return paginate(found, limit);
  }

  /** withPosts loads a user and the posts at once: the first load that fails cancels the other. */
  async withPosts(ctx: Ctx, userId: string, limit: number, after: string | undefined): Promise<WithPosts> {
    // Both are there when wait returns.
    let user!: User;
    let found!: Post[];
    await using g = group(ctx);
    await g.go(async (ctx) => void (user = await this.#authors.get(ctx, userId)), { name: "user" });
    await g.go(async (ctx) => void (found = await this.#store.listOf(ctx, userId, limit + 1, after)), {
      name: "posts",
    });
    await g.wait();
    return { user, posts: paginate(found, limit) };
  }
}
