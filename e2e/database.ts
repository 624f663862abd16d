import { background } from "millrace/context";
import { openPool } from "millrace/sql";
import { postgres } from "millrace/sql/postgres";
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
      const name = `e2e_${crypto.randomUUID().replaceAll("-", "")}`;
      const admin = await openPool(background, postgres({ url: server }), { maxConns: 1 });
      await admin.exec(background, `create database ${name}`);
      const url = new URL(server);
      url.pathname = `/${name}`;
      return {
        env: { DATABASE_URL: url.href },
        [Symbol.asyncDispose]: async () => {
          await admin.exec(background, `drop database ${name} with (force)`);
          await admin.close(background);
        },
      };
    },
  },
];
