import { randomBytes } from "node:crypto";
import pg from "pg";
import type { Server } from "./fuzz.ts";
import { TYPES_OF_WORLDS } from "./pglite.ts";

/** openPostgres is a database of its own on a server, dropped when it is disposed. */
export async function openPostgres(server: string): Promise<Server & AsyncDisposable> {
  await using owned = new AsyncDisposableStack();
  const name = `millrace_${randomBytes(6).toString("hex")}`;
  const admin = await connect(server, owned);
  await admin.query(`create database ${name} template template0`);
  owned.defer(() => admin.query(`drop database ${name} with (force)`).then(() => undefined));
  const url = new URL(server);
  url.pathname = `/${name}`;
  const client = await connect(url.href, owned);
  // To compile a query that runs once takes longer than to run it; one that is too large for its tables is let go.
  await client.query("set jit = off; set statement_timeout = '2s'");
  for (const type of TYPES_OF_WORLDS) await client.query(type);
  const all = owned.move();
  return {
    async run(text) {
      // JSON's null is a value, so none of the values is parsed.
      const types = { getTypeParser: () => (value: string) => value };
      const { fields, rows } = await client.query<string[]>({ text, rowMode: "array", types });
      return { names: fields.map((field) => field.name), rows };
    },
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}

async function connect(url: string, owned: AsyncDisposableStack): Promise<pg.Client> {
  const client = new pg.Client(url);
  await client.connect();
  owned.defer(() => client.end());
  return client;
}
