import assert from "node:assert/strict";
import { afterEach, describe, it } from "node:test";
import { type Ctx, background, sleep, withCancel } from "millrace/context";
import { Failure } from "millrace/errors";
import { runningTasks } from "millrace/task";
import { bubble } from "millrace/test";
import { systemClock } from "millrace/time";
import type { Post } from "../domain/post.ts";
import { type User, userNotFound } from "../domain/user.ts";
import { type Authors, type PostStore, Posts } from "./posts.ts";

afterEach(() => assert.deepEqual(runningTasks(), []));

const DAY_MS = 86_400_000;
const AT = new Date(0);
const ADA: User = { id: "ada", email: "ada@example.com", name: "Ada", createdAt: AT, updatedAt: AT };
const POST: Post = { id: "p", authorId: "ada", title: "Note G", body: "…", createdAt: AT };

// What only listOf is asked for.
const unasked = (): never => assert.fail("not asked for");
const storeOf = (listOf: PostStore["listOf"]): PostStore => ({
  insert: unasked,
  find: unasked,
  list: unasked,
  listOf,
});

/** never waits until its ctx ends, and notes why it did. */
function never(ends: unknown[]): (ctx: Ctx) => Promise<never> {
  return async (ctx) => {
    try {
      await sleep(ctx, DAY_MS);
    } finally {
      ends.push(ctx.cause);
    }
    return assert.fail("a day has passed");
  };
}

describe("withPosts", () => {
  it("loads both at once, and both in the time of the slower one", () =>
    bubble(async (t) => {
      const after = <T>(ms: number, value: T) => new Promise<T>((resolve) => setTimeout(resolve, ms, value));
      const authors: Authors = { get: () => after(300, ADA) };
      const posts = new Posts(
        storeOf(() => after(200, [POST])),
        authors,
        systemClock,
      );
      const started = performance.now();
      const found = await posts.withPosts(t.ctx, "ada", 20, undefined);
      assert.deepEqual(found, { user: ADA, posts: { items: [POST], next: undefined } });
      assert.equal(performance.now() - started, 300);
    }));

  it("cancels the load of the posts when there is no such user", async () => {
    const ends: unknown[] = [];
    const authors: Authors = { get: (_ctx, id) => Promise.reject(userNotFound(id)) };
    const posts = new Posts(storeOf(never(ends)), authors, systemClock);
    const loaded = posts.withPosts(background, "ada", 20, undefined);
    await assert.rejects(loaded, (err) => err instanceof Failure && err.reason === "user/not_found");
    assert.equal(ends.length, 1);
    assert.ok(ends[0] instanceof Failure && ends[0].reason === "user/not_found", "the failure is the cause");
  });

  it("cancels the load of the user when the posts fail", async () => {
    const ends: unknown[] = [];
    const lost = new Failure("sql: connection lost", { code: "unavailable" });
    const posts = new Posts(
      storeOf(() => Promise.reject(lost)),
      { get: never(ends) },
      systemClock,
    );
    await assert.rejects(posts.withPosts(background, "ada", 20, undefined), lost);
    assert.deepEqual(ends, [lost]);
  });

  it("cancels both when the caller has gone", async () => {
    const ends: unknown[] = [];
    using ctx = withCancel(background);
    const posts = new Posts(storeOf(never(ends)), { get: never(ends) }, systemClock);
    const loaded = posts.withPosts(ctx, "ada", 20, undefined);
    const gone = new Error("the client has gone");
    ctx.cancel(gone);
    await assert.rejects(loaded);
    assert.deepEqual(ends, [gone, gone]);
  });
});
