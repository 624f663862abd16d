import { type Router, created, endpoint, json } from "millrace/http";
import { z } from "zod";
import type { Post } from "../domain/post.ts";
import type { Posts } from "../service/posts.ts";
import { toUser, user } from "./users.ts";
import { byId, id, made, pageOf, pageQuery, time, toPage } from "./wire.ts";

const tags = ["posts"];

const newPost = z
  .strictObject({ author_id: id, title: z.string().trim().min(1).max(200), body: z.string().max(20_000) })
  .meta({ id: "NewPost" });

const post = z
  .object({ id, author_id: id, title: z.string(), body: z.string(), created_at: time })
  .meta({ id: "Post" });
const postPage = pageOf(post).meta({ id: "PostPage" });
const withPosts = z
  .object({ user, posts: z.array(post), next_cursor: z.string().nullable(), has_more: z.boolean() })
  .meta({ id: "UserWithPosts" });

const NO_USER = "There is no such user.";

/** postRoutes serves /posts, and the posts of /users/:id. */
export function postRoutes(r: Router, posts: Posts): void {
  r.get(
    "/posts",
    endpoint(
      { query: pageQuery, responses: { 200: postPage }, tags, summary: "List posts", operationId: "listPosts" },
      async (ctx, { query }) => json(toPage(await posts.list(ctx, query.limit, query.cursor), toPost)),
    ),
  );
  r.post(
    "/posts",
    endpoint(
      {
        body: newPost,
        responses: { 201: made(post, "The new post."), 404: NO_USER },
        tags,
        summary: "Write a post",
        operationId: "createPost",
      },
      async (ctx, { body: { author_id: authorId, title, body } }) => {
        const post = await posts.create(ctx, { authorId, title, body });
        return created(`/api/v1/posts/${post.id}`, toPost(post));
      },
    ),
  );
  r.get(
    "/posts/:id",
    endpoint(
      {
        params: byId,
        responses: { 200: post, 404: "There is no such post." },
        tags,
        summary: "Read a post",
        operationId: "getPost",
      },
      async (ctx, { params }) => json(toPost(await posts.get(ctx, params.id))),
    ),
  );
  const ofUser = { params: byId, query: pageQuery, tags };
  r.get(
    "/users/:id/posts",
    endpoint(
      {
        ...ofUser,
        responses: { 200: postPage, 404: NO_USER },
        summary: "List a user's posts",
        operationId: "listUserPosts",
      },
      async (ctx, { params, query }) =>
        json(toPage(await posts.listOf(ctx, params.id, query.limit, query.cursor), toPost)),
    ),
  );
  r.get(
    "/users/:id/with-posts",
    endpoint(
      {
        ...ofUser,
        responses: { 200: withPosts, 404: NO_USER },
        summary: "Read a user with a page of the user's posts",
        operationId: "getUserWithPosts",
      },
      async (ctx, { params, query }) => {
        const found = await posts.withPosts(ctx, params.id, query.limit, query.cursor);
        const { items, ...page } = toPage(found.posts, toPost);
        return json({ user: toUser(found.user), posts: items, ...page });
      },
    ),
  );
}

function toPost({ id, authorId, title, body, createdAt }: Post): object {
  return { id, author_id: authorId, title, body, created_at: createdAt };
}
