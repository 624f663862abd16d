import type { Router } from "millrace/http";
import { serveOpenapi } from "millrace/openapi";

/** documentRoutes serves /openapi.json and /docs. */
export function documentRoutes(r: Router): void {
  serveOpenapi(r, {
    info: {
      title: "The storefront",
      version: "1",
      description:
        "Users, accounts with exact balances and transfers between them, posts, and orders with items.\n\n" +
        "Ids are UUIDs, times RFC 3339, money a decimal in a string. Errors are RFC 9457 problems.",
    },
    tags: [
      { name: "users" },
      { name: "accounts", description: "What a user owns; the balance is exact and never negative." },
      { name: "transfers", description: "All of the money moves or none, once per `Idempotency-Key`." },
      { name: "posts" },
      { name: "orders", description: "With all of their items or not at all; the total is exact." },
      { name: "service" },
    ],
  });
}
