import { type Router, created, endpoint, json, noContent } from "millrace/http";
import { z } from "zod";
import type { User } from "../domain/user.ts";
import type { Users } from "../service/users.ts";
import { byId, id, made, pageOf, pageQuery, time, toPage } from "./wire.ts";

const tags = ["users"];

const email = z.string().max(320).pipe(z.email());
const fields = z.strictObject({ email, name: z.string().trim().min(1).max(200) }).meta({
  id: "UserFields",
  examples: [{ email: "you@example.com", name: "You" }],
});
const someFields = fields
  .partial()
  .refine((f) => Object.keys(f).length > 0, "must name at least one field to change")
  .meta({ id: "UserChanges", description: "At least one field.", examples: [{ name: "You" }] });

/** user is a user as it goes over the wire. */
export const user = z
  .object({ id, email: z.string(), name: z.string(), created_at: time, updated_at: time })
  .meta({ id: "User" });
const userPage = pageOf(user).meta({ id: "UserPage" });

const NO_USER = "There is no such user.";
const EMAIL_TAKEN = "The e-mail address is taken.";

/** userRoutes serves /users. */
export function userRoutes(r: Router, users: Users): void {
  r.get(
    "/users",
    endpoint(
      { query: pageQuery, responses: { 200: userPage }, tags, summary: "List users", operationId: "listUsers" },
      async (ctx, { query }) => json(toPage(await users.list(ctx, query.limit, query.cursor), toUser)),
    ),
  );
  r.post(
    "/users",
    endpoint(
      {
        body: fields,
        responses: { 201: made(user, "The new user."), 409: EMAIL_TAKEN },
        tags,
        summary: "Create a user",
        operationId: "createUser",
      },
      async (ctx, { body }) => {
        const user = await users.create(ctx, body);
        return created(`/api/v1/users/${user.id}`, toUser(user));
      },
    ),
  );
  r.get(
    "/users/:id",
    endpoint(
      { params: byId, responses: { 200: user, 404: NO_USER }, tags, summary: "Read a user", operationId: "getUser" },
      async (ctx, { params }) => json(toUser(await users.get(ctx, params.id))),
    ),
  );
  const changes = { params: byId, responses: { 200: user, 404: NO_USER, 409: EMAIL_TAKEN }, tags };
  r.put(
    "/users/:id",
    endpoint(
      { ...changes, body: fields, summary: "Replace a user", operationId: "replaceUser" },
      async (ctx, { params, body }) => json(toUser(await users.change(ctx, params.id, body))),
    ),
  );
  r.patch(
    "/users/:id",
    endpoint(
      { ...changes, body: someFields, summary: "Change a user", operationId: "changeUser" },
      async (ctx, { params, body }) => json(toUser(await users.change(ctx, params.id, body))),
    ),
  );
  r.delete(
    "/users/:id",
    endpoint(
      {
        params: byId,
        responses: { 204: "The user is gone.", 404: NO_USER, 409: "The user still has accounts, posts or orders." },
        tags,
        summary: "Delete a user",
        operationId: "deleteUser",
      },
      async (ctx, { params }) => {
        await users.remove(ctx, params.id);
        return noContent();
      },
    ),
  );
}

/** toUser writes a user. */
export function toUser({ id, email, name, createdAt, updatedAt }: User): object {
  return { id, email, name, created_at: createdAt, updated_at: updatedAt };
}
