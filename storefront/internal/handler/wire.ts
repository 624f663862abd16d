import { z } from "zod";
import type { Page } from "../service/page.ts";

/** id is a UUID of any version, in lower case as the database writes it. */
export const id = z.uuid().toLowerCase();

/** time is a moment, as JSON.stringify writes a Date. */
export const time = z.iso.datetime();

/** byId is the path parameter of everything that is found by its id. */
export const byId = z.object({ id });

/** pageQuery is how a client asks for a part of a list: how many, and after which cursor. */
export const pageQuery = z.object({
  limit: z.coerce.number().int().min(1).max(100).default(20),
  cursor: z
    .string()
    .describe("the `next_cursor` of the page before")
    .transform((text) => Buffer.from(text, "base64url").toString())
    .pipe(z.uuid("is not a cursor of this list"))
    .optional(),
});

/** pageOf is a page of a list as it goes over the wire. */
export const pageOf = <T extends z.ZodType>(item: T) =>
  z.object({ items: z.array(item), next_cursor: z.string().nullable(), has_more: z.boolean() });

interface WirePage {
  readonly items: readonly object[];
  readonly next_cursor: string | null;
  readonly has_more: boolean;
}

/** toPage writes a page of a list: its items, whether there is more, and the cursor that leads there. */
export function toPage<T>(page: Page<T>, toItem: (item: T) => object): WirePage {
  const next = page.next === undefined ? null : Buffer.from(page.next).toString("base64url");
  return { items: page.items.map(toItem), next_cursor: next, has_more: next !== null };
}

/** made is the answer to a request that made something. */
export const made = <T extends z.ZodType>(body: T, description: string) => ({
  description,
  body,
  headers: { location: "where it is" },
});
