/** postgres.js as its documentation says: a pool of 10; it prepares statements and pipelines by itself. */
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import postgres from "postgres";
import { type EventRow, type Item, copyText, measure } from "../work.ts";

const sql = postgres(process.env["DATABASE_URL"]!, { max: 10 });

await measure({
  pointSelect: async (id) => (await sql<Item[]>`select id, name from users where id = ${id}`)[0],
  async insert([userId, kind, body]) {
    const rows = await sql<{ id: string }[]>`
      insert into events (user_id, kind, body) values (${userId}, ${kind}, ${body}) returning id`;
    return rows[0]!.id;
  },
  list: async (after) => sql<Item[]>`
    select id, email, name, balance, active, created_at from users where id > ${after} order by id limit 20`,
  transfer: (from, to, [userId, kind, body]) =>
    sql.begin(async (sql) => {
      const rows = await sql<{ balance: string }[]>`
        update accounts set balance = balance + ${-1} where id = ${from} returning balance`;
      await sql`update accounts set balance = balance + ${1} where id = ${to} returning balance`;
      await sql`insert into events (user_id, kind, body) values (${userId}, ${kind}, ${body}) returning id`;
      return rows[0]!.balance;
    }),
  async copy(rows) {
    let count = 0;
    const counted = function* (): Iterable<EventRow> {
      for (const row of rows) {
        count++;
        yield row;
      }
    };
    const target = await sql`copy events (user_id, kind, body) from stdin`.writable();
    await pipeline(Readable.from(copyText(counted())), target);
    return count;
  },
});
