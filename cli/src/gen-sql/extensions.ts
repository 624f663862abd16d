import type { Extension } from "@electric-sql/pglite";
import type { Migration } from "millrace/migrate";

const CREATE = /\bcreate\s+extension\s+(?:if\s+not\s+exists\s+)?(?:"([^"]+)"|([a-z_][a-z0-9_]*))/gi;

/**
 * extensionsOf loads what the migrations create with CREATE EXTENSION and PGlite ships. One that it does not ship is
 * left out: PostgreSQL then says so at the statement.
 */
export async function extensionsOf(migrations: readonly Migration[]): Promise<Record<string, Extension>> {
  const texts = migrations.flatMap((migration) =>
    migration.kind === "sql" ? migration.up.map(({ text }) => text) : [],
  );
  const names = new Set(texts.flatMap((text) => Array.from(text.matchAll(CREATE), (match) => match[1] ?? match[2]!)));
  const loaded = await Promise.all(Array.from(names, load));
  return Object.fromEntries(loaded.flat());
}

// Each is a module that exports its extension under its own name: uuid-ossp is uuid_ossp.
async function load(name: string): Promise<[string, Extension][]> {
  const id = name.toLowerCase().replaceAll("-", "_");
  try {
    const module = (await import(`@electric-sql/pglite/contrib/${id}`)) as Record<string, Extension | undefined>;
    return module[id] === undefined ? [] : [[id, module[id]]];
  } catch {
    return [];
  }
}
