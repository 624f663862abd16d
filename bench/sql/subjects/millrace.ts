/** Millrace as its guide says: a pool of 10; with PIPELINED, four lanes. */
import { background } from "millrace/context";
import { openPool } from "millrace/sql";
import { postgres } from "millrace/sql/postgres";
import { type Item, measure } from "../work.ts";

const ctx = background;
const pipelined = process.env["PIPELINED"] === "1" ? { pipeline: { lanes: 4 } } : {};
const pool = await openPool(ctx, postgres(process.env["DATABASE_URL"]!), { maxConns: 10, ...pipelined });

const SELECT = "select id, name from users where id = $1";
const LIST = "select id, email, name, balance, active, created_at from users where id > $1 order by id limit 20";
const INSERT = "insert into events (user_id, kind, body) values ($1, $2, $3) returning id";
const MOVE = "update accounts set balance = balance + $2 where id = $1 returning balance";

await measure({
  pointSelect: (id) => pool.maybe<Item>(ctx, SELECT, [id]),
  insert: async (row) => (await pool.one<{ id: bigint }>(ctx, INSERT, row)).id,
  list: (after) => pool.many<Item>(ctx, LIST, [after]),
  transfer: (from, to, row) =>
    pool.tx(ctx, async (ctx, tx) => {
      const { balance } = await tx.one<{ balance: bigint }>(ctx, MOVE, [from, -1]);
      await tx.exec(ctx, MOVE, [to, 1]);
      await tx.exec(ctx, INSERT, row);
      return balance;
    }),
  copy: (rows) => pool.copyFrom(ctx, "events", ["user_id", "kind", "body"], rows),
});
