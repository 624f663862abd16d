/**
 * node-postgres as its documentation says: a pool of 10, statements named so that they are prepared, pg-copy-streams for
 * COPY. With PIPELINED, four clients in its pipeline mode, the least loaded first.
 */
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import pg from "pg";
import { from as copyFrom } from "pg-copy-streams";
import { type Item, type Work, copyText, measure } from "../work.ts";

const connectionString = process.env["DATABASE_URL"]!;
const pool = new pg.Pool({ connectionString, max: 10 });

const insert = {
  name: "insert",
  text: "insert into events (user_id, kind, body) values ($1, $2, $3) returning id",
};
const select = { name: "select", text: "select id, name from users where id = $1" };
const list = {
  name: "list",
  text: "select id, email, name, balance, active, created_at from users where id > $1 order by id limit 20",
};
const move = { name: "move", text: "update accounts set balance = balance + $2 where id = $1 returning balance" };

async function pipelined(): Promise<Work["pointSelect"]> {
  const clients = await Promise.all(
    Array.from({ length: 4 }, async () => {
      const client = new pg.Client({ connectionString, pipeline: true });
      await client.connect();
      return { client, running: 0 };
    }),
  );
  return async (id) => {
    const lane = clients.reduce((a, b) => (b.running < a.running ? b : a));
    lane.running++;
    try {
      const { rows } = await lane.client.query<Item>({ ...select, values: [id] });
      return rows[0];
    } finally {
      lane.running--;
    }
  };
}

await measure({
  pointSelect:
    process.env["PIPELINED"] === "1"
      ? await pipelined()
      : async (id) => (await pool.query<Item>({ ...select, values: [id] })).rows[0],
  insert: async (row) => (await pool.query<{ id: string }>({ ...insert, values: [...row] })).rows[0]!.id,
  list: async (after) => (await pool.query<Item>({ ...list, values: [after] })).rows,
  async transfer(from, to, row) {
    const client = await pool.connect();
    try {
      await client.query("begin");
      const { rows } = await client.query<{ balance: string }>({ ...move, values: [from, -1] });
      await client.query({ ...move, values: [to, 1] });
      await client.query({ ...insert, values: [...row] });
      await client.query("commit");
      return rows[0]!.balance;
    } catch (err) {
      await client.query("rollback");
      throw err;
    } finally {
      client.release();
    }
  },
  async copy(rows) {
    const client = await pool.connect();
    try {
      const stream = client.query(copyFrom("copy events (user_id, kind, body) from stdin"));
      await pipeline(Readable.from(copyText(rows)), stream);
      return stream.rowCount ?? 0;
    } finally {
      client.release();
    }
  },
});
