import type { Health } from "millrace/health";
import { type Middleware, Router } from "millrace/http";
import type { Accounts } from "../service/accounts.ts";
import type { Orders } from "../service/orders.ts";
import type { Posts } from "../service/posts.ts";
import type { Transfers } from "../service/transfers.ts";
import type { Users } from "../service/users.ts";
import { accountRoutes } from "./accounts.ts";
import { documentRoutes } from "./document.ts";
import { orderRoutes } from "./orders.ts";
import { postRoutes } from "./posts.ts";
import { serviceRoutes } from "./service.ts";
import { transferRoutes } from "./transfers.ts";
import { userRoutes } from "./users.ts";

/** Services is what the routes serve. */
export interface Services {
  readonly users: Users;
  readonly accounts: Accounts;
  readonly transfers: Transfers;
  readonly posts: Posts;
  readonly orders: Orders;
  readonly health: Health;
}

/** routes is the whole of the storefront's HTTP surface, behind the given middleware. */
export function routes(services: Services, middleware: readonly Middleware[]): Router {
  const router = new Router();
  for (const mw of middleware) router.use(mw);
  serviceRoutes(router, services.health);
  documentRoutes(router);
  router.route("/api/v1", (r) => {
    userRoutes(r, services.users);
    accountRoutes(r, services.accounts);
    transferRoutes(r, services.transfers);
    postRoutes(r, services.posts);
    orderRoutes(r, services.orders);
  });
  return router;
}
