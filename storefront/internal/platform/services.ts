import type { Pool } from "millrace/sql";
import { systemClock } from "millrace/time";
import type { Services } from "../handler/routes.ts";
import { SqlAccounts } from "../repository/accounts.ts";
import { SqlOrders } from "../repository/orders.ts";
import { SqlPosts } from "../repository/posts.ts";
import { SqlTransfers } from "../repository/transfers.ts";
import { SqlUsers } from "../repository/users.ts";
import { Accounts } from "../service/accounts.ts";
import { Orders } from "../service/orders.ts";
import { Posts } from "../service/posts.ts";
import { Transfers } from "../service/transfers.ts";
import { Users } from "../service/users.ts";

/** servicesOn is what the storefront does, on a database. */
export function servicesOn(pool: Pool): Omit<Services, "health"> {
  const users = new Users(new SqlUsers(pool), systemClock);
  return {
    users,
    accounts: new Accounts(new SqlAccounts(pool), systemClock),
    transfers: new Transfers(new SqlTransfers(pool), systemClock),
    posts: new Posts(new SqlPosts(pool), users, systemClock),
    orders: new Orders(new SqlOrders(pool), users, systemClock),
  };
}
