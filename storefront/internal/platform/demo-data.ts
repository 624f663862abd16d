import type { Ctx } from "millrace/context";
import type { Pool } from "millrace/sql";
import { systemClock } from "millrace/time";
import { reachMilestone } from "../../db/gen/milestones.ts";
import { SqlAccounts } from "../repository/accounts.ts";
import { SqlOrders } from "../repository/orders.ts";
import { SqlPosts } from "../repository/posts.ts";
import { SqlUsers } from "../repository/users.ts";
import { Accounts } from "../service/accounts.ts";
import { Orders } from "../service/orders.ts";
import { Posts } from "../service/posts.ts";
import { Users } from "../service/users.ts";

const PEOPLE = [
  {
    email: "ada@example.com",
    name: "Ada Lovelace",
    openingBalance: "1000.00",
    posts: [
      { title: "Note G", body: "How the engine would compute the numbers of Bernoulli." },
      { title: "On weaving", body: "It weaves algebraical patterns just as the loom weaves flowers and leaves." },
    ],
    items: [
      { sku: "PUNCHED-CARD", quantity: 250, unitPrice: "0.12" },
      { sku: "INK-BLACK", quantity: 1, unitPrice: "7.50" },
    ],
  },
  {
    email: "grace@example.com",
    name: "Grace Hopper",
    openingBalance: "500.00",
    posts: [{ title: "A nanosecond", body: "Is 30 centimetres of wire." }],
    items: [{ sku: "WIRE-30CM", quantity: 1000, unitPrice: "0.05" }],
  },
  { email: "edsger@example.com", name: "Edsger Dijkstra", openingBalance: "250.00", posts: [], items: [] },
];

/** addDemoData fills in a few users with what they own, once in the life of a database; it says whether it did so now. */
export function addDemoData(ctx: Ctx, pool: Pool): Promise<boolean> {
  return pool.tx(ctx, async (ctx, tx) => {
    if ((await reachMilestone(ctx, tx, { name: "demo_data" })) === 0) return false;
    const users = new Users(new SqlUsers(tx), systemClock);
    const accounts = new Accounts(new SqlAccounts(tx), systemClock);
    const posts = new Posts(new SqlPosts(tx), users, systemClock);
    const orders = new Orders(new SqlOrders(tx), users, systemClock);
    for (const { openingBalance, posts: written, items, ...fields } of PEOPLE) {
      const { id } = await users.create(ctx, fields);
      await accounts.open(ctx, { ownerId: id, currency: "EUR", openingBalance });
      for (const post of written) await posts.create(ctx, { authorId: id, ...post });
      if (items.length > 0) await orders.create(ctx, { userId: id, items });
    }
    return true;
  });
}
