import { z } from "zod";
import type { Page } from "../service/page.ts";

/** id is a UUID of any version, in lower case as the database writes it. */
export const id = z.uuid().toLowerCase();

/** byId is the path parameter of everything that is found by its id. */
export const byId = z.object({ id });

/** pageQuery is how a client asks for a part of a list: how many, and after which cursor. */
export const pageQuery = z.object({
  limit: z.coerce.number().int().min(1).max(100).default(20),
  cursor: z
    .string()
    .transform((text) => Buffer.from(text, "base64url").toString())
    .pipe(z.uuid("is not a cursor of this list"))
    .optional(),
});

/** toPage writes a page of a list: its items, whether there is more, and the cursor that leads there. */
export function toPage<T>(page: Page<T>, toItem: (item: T) => object): object {
  const next = page.next === undefined ? null : Buffer.from(page.next).toString("base64url");
  return { items: page.items.map(toItem), next_cursor: next, has_more: next !== null };
}
