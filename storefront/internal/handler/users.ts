import { type Router, created, endpoint, json, noContent } from "millrace/http";
import { z } from "zod";
import type { User } from "../domain/user.ts";
import type { Users } from "../service/users.ts";
import { byId, pageQuery, toPage } from "./wire.ts";

const fields = z.strictObject({
  email: z.string().max(320).pipe(z.email()),
  name: z.string().trim().min(1).max(200),
});
const someFields = fields.partial().refine((f) => Object.keys(f).length > 0, "must name at least one field to change");

/** userRoutes serves /users. */
export function userRoutes(r: Router, users: Users): void {
  r.get(
    "/users",
    endpoint({ query: pageQuery }, async (ctx, { query }) =>
      json(toPage(await users.list(ctx, query.limit, query.cursor), toUser)),
    ),
  );
  r.post(
    "/users",
    endpoint({ body: fields }, async (ctx, { body }) => {
      const user = await users.create(ctx, body);
      return created(`/api/v1/users/${user.id}`, toUser(user));
    }),
  );
  r.get(
    "/users/:id",
    endpoint({ params: byId }, async (ctx, { params }) => json(toUser(await users.get(ctx, params.id)))),
  );
  r.put(
    "/users/:id",
    endpoint({ params: byId, body: fields }, async (ctx, { params, body }) =>
      json(toUser(await users.change(ctx, params.id, body))),
    ),
  );
  r.patch(
    "/users/:id",
    endpoint({ params: byId, body: someFields }, async (ctx, { params, body }) =>
      json(toUser(await users.change(ctx, params.id, body))),
    ),
  );
  r.delete(
    "/users/:id",
    endpoint({ params: byId }, async (ctx, { params }) => {
      await users.remove(ctx, params.id);
      return noContent();
    }),
  );
}

function toUser({ id, email, name, createdAt, updatedAt }: User): object {
  return { id, email, name, created_at: createdAt, updated_at: updatedAt };
}
