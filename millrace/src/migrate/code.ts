import { pathToFileURL } from "node:url";
import { type CodeMigration, type MigrationModule, badFile } from "./migration.ts";
import { fileOf, normalize } from "./name.ts";

/** codeMigration is the migration of a TypeScript file, which is not imported yet. @internal */
export function codeMigration(file: string, text: string): CodeMigration {
  const named = fileOf(file, normalize(text), "ts");
  return { ...named, kind: "code", load: () => load(file, named.checksum) };
}

async function load(file: string, checksum: string): Promise<MigrationModule> {
  const url = pathToFileURL(file);
  // A process that lives on imports a file anew when it was changed: what runs is what the checksum is of.
  url.search = checksum.slice(0, 12);
  let module: Readonly<Record<string, unknown>>;
  try {
    module = await import(url.href);
  } catch (err) {
    throw badFile(file, `cannot be imported: ${err instanceof Error ? err.message : String(err)}`, err);
  }
  const { up, down, transaction } = module;
  if (typeof up !== "function") throw badFile(file, "it must export a function up(ctx, tx)");
  if (down !== undefined && typeof down !== "function") throw badFile(file, "what it exports as down is no function");
  if (transaction !== undefined && typeof transaction !== "boolean") {
    throw badFile(file, "what it exports as transaction is neither true nor false");
  }
  // A module cannot be asked for more: what its functions take is the compiler's business.
  return module as unknown as MigrationModule;
}
