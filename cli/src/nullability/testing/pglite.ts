import { PGlite } from "@electric-sql/pglite";
import type { Server } from "./fuzz.ts";

/** TYPES_OF_WORLDS are the types that the random tables use. */
export const TYPES_OF_WORLDS: readonly string[] = [
  "create type mood as enum ('sad', 'ok')",
  "create domain short as varchar(5)",
];

/** openPglite is a PostgreSQL inside this process. */
export async function openPglite(): Promise<Server & AsyncDisposable> {
  const db = await PGlite.create();
  // JSON's null is a value.
  const asText = (value: string): string => value;
  const parsers = { 114: asText, 3802: asText };
  for (const type of TYPES_OF_WORLDS) await db.exec(type);
  return {
    async run(text) {
      const [result] = await db.exec(text, { rowMode: "array", parsers });
      // The rows are arrays because it was asked for.
      const rows = (result?.rows ?? []) as unknown as unknown[][];
      return { names: result?.fields.map((field) => field.name) ?? [], rows };
    },
    async [Symbol.asyncDispose]() {
      await db.close();
    },
  };
}
