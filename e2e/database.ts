import { background } from "millrace/context";
import { testDatabase } from "millrace/test/postgres";
import { tempDir } from "./storefront.ts";

/** Place is where a storefront keeps its data: environment variables that lead it there. */
export interface Place extends AsyncDisposable {
  readonly env: Record<string, string>;
}

/** PLACES are the two databases that the storefront runs on; each call makes an empty one. */
export const PLACES: ReadonlyArray<{ readonly name: string; readonly make: () => Promise<Place> }> = [
  {
    name: "PGlite",
    make: async () => {
      const dir = await tempDir();
      return { env: { DATA_DIR: dir.path }, [Symbol.asyncDispose]: () => dir[Symbol.asyncDispose]() };
    },
  },
  {
    name: "PostgreSQL",
    make: async () => {
      const server = process.env["DATABASE_URL"];
      if (server === undefined) throw new Error("needs DATABASE_URL");
      const database = await testDatabase(background, { server });
      return {
        env: { DATABASE_URL: database.url },
        [Symbol.asyncDispose]: () => database[Symbol.asyncDispose](),
      };
    },
  },
];
