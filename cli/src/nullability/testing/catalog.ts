import type { Catalog, CatalogColumn } from "../catalog.ts";

/** column is a column by its name and type: "name! text" is NOT NULL. */
function column(text: string): CatalogColumn {
  const [name = "", type = "text"] = text.split(" ");
  return { name: name.replace("!", ""), type, notNull: name.endsWith("!") };
}

function columns(text: string): CatalogColumn[] {
  return text.split(", ").map(column);
}

/** CATALOG is a small shop, written by hand. */
export const CATALOG: Catalog = {
  searchPath: ["public"],
  relations: [
    {
      schema: "public",
      name: "users",
      table: true,
      columns: columns("id! int4, email! text, name text, boss int4, at! timestamptz, meta! jsonb, tags! _text"),
    },
    {
      schema: "public",
      name: "posts",
      table: true,
      columns: columns("id! int4, user_id! int4, title! text, body text"),
    },
    { schema: "public", name: "loose", table: true, columns: columns("a int4, b text") },
    { schema: "public", name: "seen", table: false, columns: columns("id! int4, n! int8, name text") },
    { schema: "shop", name: "items", table: true, columns: columns("id! int4, price! numeric, range! int4range") },
  ],
  functions: [
    { schema: "public", name: "split", columns: columns("head text, tail text") },
    { schema: "public", name: "initcap", columns: null },
    { schema: "pg_catalog", name: "jsonb_each", columns: columns("key text, value jsonb") },
  ],
  operators: [{ name: "<=>", left: "text", right: "text" }],
  casts: ["coins"],
  domains: { short: "text", document: "jsonb" },
};
