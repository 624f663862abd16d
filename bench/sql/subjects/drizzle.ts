/** Drizzle over node-postgres with its prepared statements, as its documentation on performance says. */
import { asc, eq, gt, sql } from "drizzle-orm";
import { drizzle } from "drizzle-orm/node-postgres";
import { bigint, boolean, integer, numeric, pgTable, text, timestamp } from "drizzle-orm/pg-core";
import pg from "pg";
import { measure } from "../work.ts";

const users = pgTable("users", {
  id: integer().primaryKey(),
  email: text().notNull(),
  name: text().notNull(),
  balance: numeric({ precision: 12, scale: 2 }).notNull(),
  active: boolean().notNull(),
  createdAt: timestamp("created_at", { withTimezone: true }).notNull(),
});
const accounts = pgTable("accounts", {
  id: integer().primaryKey(),
  balance: bigint({ mode: "bigint" }).notNull(),
});
const events = pgTable("events", {
  id: bigint({ mode: "bigint" }).generatedAlwaysAsIdentity().primaryKey(),
  userId: integer("user_id").notNull(),
  kind: text().notNull(),
  body: text().notNull(),
});

const db = drizzle({ client: new pg.Pool({ connectionString: process.env["DATABASE_URL"]!, max: 10 }) });
const p = sql.placeholder;
const select = db
  .select({ id: users.id, name: users.name })
  .from(users)
  .where(eq(users.id, p("id")))
  .prepare("select");
const list = db
  .select()
  .from(users)
  .where(gt(users.id, p("after")))
  .orderBy(asc(users.id))
  .limit(20)
  .prepare("list");
const insert = db
  .insert(events)
  .values({ userId: p("userId"), kind: p("kind"), body: p("body") })
  .returning({ id: events.id })
  .prepare("insert");

await measure({
  pointSelect: async (id) => (await select.execute({ id }))[0],
  insert: async ([userId, kind, body]) => (await insert.execute({ userId, kind, body }))[0]!.id,
  list: (after) => list.execute({ after }),
  transfer: (from, to, [userId, kind, body]) =>
    db.transaction(async (tx) => {
      const move = (id: number, by: number) =>
        tx
          .update(accounts)
          .set({ balance: sql`${accounts.balance} + ${by}` })
          .where(eq(accounts.id, id))
          .returning({ balance: accounts.balance });
      const rows = await move(from, -1);
      await move(to, 1);
      await tx.insert(events).values({ userId, kind, body }).returning({ id: events.id });
      return rows[0]!.balance;
    }),
});
