import assert from "node:assert/strict";
import { test } from "node:test";
import { camelCase, constantCase, keyOf, pascalCase, singular } from "./names.ts";

const cases = [
  {
    fn: camelCase,
    pairs: {
      user_id: "userId",
      GetUser: "getUser",
      GetUserByID: "getUserByID",
      IDs: "ids",
      ID: "id",
      URLOf: "urlOf",
      a: "a",
    },
  },
  {
    fn: keyOf,
    pairs: { user_id: "userId", _id: "_id", a__b: "aB", id_: "id_", "users.created_at": "users.createdAt", A_B: "A_B" },
  },
  {
    fn: pascalCase,
    pairs: {
      order_status: "OrderStatus",
      getUser: "GetUser",
      GetUserByID: "GetUserByID",
      billing_invoices: "BillingInvoices",
      "odd name": "OddName",
    },
  },
  { fn: constantCase, pairs: { GetUserByID: "GET_USER_BY_ID", getURLOf: "GET_URL_OF", A: "A", List2: "LIST2" } },
  {
    fn: singular,
    pairs: {
      users: "user",
      categories: "category",
      addresses: "address",
      statuses: "status",
      status: "status",
      boxes: "box",
      batches: "batch",
      caches: "cache",
      news: "news",
      Movies: "Movie",
      author: "author",
      u: "u",
      warehouses: "warehouse",
    },
  },
];

for (const { fn, pairs } of cases) {
  test(fn.name, () => {
    for (const [name, want] of Object.entries(pairs)) assert.equal(fn(name), want);
  });
}
