import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { PLACES, type Place } from "./database.ts";
import { issuePaths, problem } from "./problem.ts";
import { Storefront } from "./storefront.ts";

interface Post {
  readonly id: string;
  readonly author_id: string;
  readonly title: string;
  readonly body: string;
  readonly created_at: string;
}

const NOBODY = "00000000-0000-7000-8000-000000000000";

for (const kind of PLACES) {
  describe(`posts on ${kind.name}`, { timeout: 60_000 }, () => {
    let place: Place;
    let shop: Storefront;
    before(async () => {
      place = await kind.make();
      shop = await Storefront.start({ ...place.env, NODE_ENV: "test" });
    });
    after(async () => {
      await shop[Symbol.asyncDispose]();
      await place[Symbol.asyncDispose]();
    });
    const write = (author_id: unknown, title: unknown = "Note G", body: unknown = "…") =>
      shop.call<Post>("POST", "/api/v1/posts", { author_id, title, body });

    it("writes and reads a post", async () => {
      const author = await shop.newUser();
      const made = await write(author, " Note G ", "Two\nlines\n");
      assert.equal(made.status, 201);
      assert.deepEqual(Object.keys(made.body), ["id", "author_id", "title", "body", "created_at"]);
      const { author_id, title, body } = made.body;
      assert.deepEqual([author_id, title, body], [author, "Note G", "Two\nlines\n"]);
      const path = `/api/v1/posts/${made.body.id}`;
      assert.equal(made.headers.get("location"), path);
      assert.deepEqual((await shop.call("GET", path)).body, made.body);
      const deleted = await shop.call("DELETE", `/api/v1/users/${author}`);
      assert.equal(problem(deleted, 409)["reason"], "user/has_posts");
    });

    it("refuses what is no post, and an author who does not exist", async () => {
      const author = await shop.newUser();
      const longest = { author_id: author, title: "x".repeat(200), body: "x".repeat(20_000) };
      assert.equal((await shop.call("POST", "/api/v1/posts", longest)).status, 201);
      const wrong: [post: object, paths: string[]][] = [
        [{ author_id: "ada", title: 5, body: null }, ["author_id", "body", "title"]],
        [{ author_id: author, title: " " }, ["body", "title"]],
        [{ ...longest, title: "x".repeat(201) }, ["title"]],
        [{ ...longest, body: "x".repeat(20_001) }, ["body"]],
      ];
      for (const [post, paths] of wrong) {
        assert.deepEqual(issuePaths(await shop.call("POST", "/api/v1/posts", post)), paths);
      }
      assert.equal(problem(await shop.call("GET", `/api/v1/posts/${NOBODY}`), 404)["reason"], "post/not_found");
      for (const answer of [
        await shop.call("POST", "/api/v1/posts", { author_id: NOBODY, title: "t", body: "b" }),
        await shop.call("GET", `/api/v1/users/${NOBODY}/posts`),
        await shop.call("GET", `/api/v1/users/${NOBODY}/with-posts`),
      ]) {
        assert.equal(problem(answer, 404)["reason"], "user/not_found");
      }
    });

    it("lists posts, all of them and one author's, in pages that neither miss nor repeat any", async () => {
      const [ada, bob, idle] = [await shop.newUser("Ada"), await shop.newUser("Bob"), await shop.newUser("Idle")];
      const made: Post[] = [];
      for (let i = 0; i < 8; i++) made.push((await write(i % 4 === 3 ? bob : ada, `Post ${i}`)).body);
      const own = (author: string): Post[] => made.filter((post) => post.author_id === author);
      assert.deepEqual(await shop.all(`/api/v1/users/${ada}/posts`, 4), own(ada));
      assert.deepEqual(await shop.all(`/api/v1/users/${bob}/posts`, 2), own(bob));
      assert.deepEqual(await shop.all(`/api/v1/users/${idle}/posts`, 2), []);
      const all = await shop.all<Post>("/api/v1/posts", 3);
      assert.equal(new Set(all.map((post) => post.id)).size, all.length);
      assert.deepEqual(
        all.filter((post) => made.some(({ id }) => id === post.id)),
        made,
      );
      assert.deepEqual(issuePaths(await shop.call("GET", "/api/v1/posts?limit=101&cursor=x")), [
        "query.cursor",
        "query.limit",
      ]);
    });

    it("reads a user with a page of posts, and the rest with its cursor", async () => {
      const ada = await shop.newUser("Ada");
      const user = (await shop.call("GET", `/api/v1/users/${ada}`)).body;
      const path = `/api/v1/users/${ada}/with-posts`;
      const none = await shop.call("GET", path);
      assert.deepEqual(none.body, { user, posts: [], next_cursor: null, has_more: false });
      const made = [(await write(ada)).body, (await write(ada)).body, (await write(ada)).body];
      const first = await shop.call<{ posts: Post[]; next_cursor: string }>("GET", `${path}?limit=2`);
      const { next_cursor: cursor, ...page } = first.body;
      assert.deepEqual(page, { user, posts: made.slice(0, 2), has_more: true });
      const rest = await shop.call("GET", `${path}?limit=2&cursor=${cursor}`);
      assert.deepEqual(rest.body, { user, posts: made.slice(2), next_cursor: null, has_more: false });
    });
  });
}
