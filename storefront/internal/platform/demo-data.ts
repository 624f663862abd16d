import type { Ctx } from "millrace/context";
import type { Pool } from "millrace/sql";
import { systemClock } from "millrace/time";
import { SqlAccounts } from "../repository/accounts.ts";
import { SqlUsers } from "../repository/users.ts";
import { Accounts } from "../service/accounts.ts";
import { Users } from "../service/users.ts";

const PEOPLE = [
  { email: "ada@example.com", name: "Ada Lovelace", openingBalance: "1000.00" },
  { email: "grace@example.com", name: "Grace Hopper", openingBalance: "500.00" },
  { email: "edsger@example.com", name: "Edsger Dijkstra", openingBalance: "250.00" },
];

/** addDemoData fills in a few users with accounts, once in the life of a database; it says whether it did so now. */
export function addDemoData(ctx: Ctx, pool: Pool): Promise<boolean> {
  return pool.tx(ctx, async (ctx, tx) => {
    const sql = "insert into milestones (name, reached_at) values ('demo_data', now()) on conflict do nothing";
    if ((await tx.exec(ctx, sql)) === 0) return false;
    const users = new Users(new SqlUsers(tx), systemClock);
    const accounts = new Accounts(new SqlAccounts(tx), systemClock);
    for (const { openingBalance, ...fields } of PEOPLE) {
      const owner = await users.create(ctx, fields);
      await accounts.open(ctx, { ownerId: owner.id, currency: "EUR", openingBalance });
    }
    return true;
  });
}
