import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { PLACES } from "./database.ts";
import { Storefront } from "./storefront.ts";

// Bodies that are nearly right: the known names with values of every kind, some of them missing, some unknown.
const text = fc.oneof(
  fc.string({ unit: "binary", maxLength: 40 }),
  fc.constantFrom(
    "a@b.de",
    "EUR",
    "1.00",
    "-1",
    "0",
    "1e400",
    "\u0000",
    "\ud800",
    "00000000-0000-7000-8000-000000000000",
  ),
);
const value = fc.oneof(text, fc.jsonValue(), fc.double(), fc.constant(null));
const names = [
  "email",
  "name",
  "owner_id",
  "currency",
  "opening_balance",
  "from_account_id",
  "to_account_id",
  "amount",
  "author_id",
  "title",
  "body",
  "user_id",
  "items",
];
const body = fc.oneof(
  fc.dictionary(fc.constantFrom(...names, "__proto__", "constructor", "x"), value, { maxKeys: 6 }),
  fc.record({ email: text, name: text }),
  fc.record({ owner_id: text, currency: text, opening_balance: text }),
  fc.record({ from_account_id: text, to_account_id: text, amount: text }),
  fc.record({ author_id: text, title: text, body: text }),
  fc.record({
    user_id: text,
    items: fc.array(fc.record({ sku: text, quantity: fc.oneof(fc.integer(), value), unit_price: text })),
  }),
  fc.jsonValue(),
);
const id = fc.oneof(fc.uuid(), text);
const kind = fc.constantFrom("users", "accounts", "transfers", "posts", "orders");
const list = fc.oneof(
  fc.constantFrom("users", "posts", "orders"),
  fc.tuple(id, fc.constantFrom("posts", "orders", "with-posts")).map(([x, of]) => `users/${encode(x)}/${of}`),
);
const path = fc.oneof(
  kind.map((kind) => `/api/v1/${kind}`),
  fc.tuple(kind, id).map(([kind, x]) => `/api/v1/${kind}/${encode(x)}`),
  fc
    .tuple(list, text, text)
    .map(([list, cursor, limit]) => `/api/v1/${list}?cursor=${encode(cursor)}&limit=${encode(limit)}`),
);
const method = fc.constantFrom("GET", "POST", "PUT", "PATCH", "DELETE");
const key = fc.option(fc.stringMatching(/^[\x20-\x7e]{0,300}$/), { nil: undefined });

// A lone surrogate cannot be percent-encoded.
function encode(x: string): string {
  return encodeURIComponent(x.toWellFormed());
}

for (const place of PLACES) {
  describe(`nearly right requests on ${place.name}`, () => {
    it("get an answer below 500, and a problem wherever it is not a success", async () => {
      await using where = await place.make();
      await using shop = await Storefront.start(where.env);
      await fc.assert(
        fc.asyncProperty(method, path, body, key, async (method, path, body, key) => {
          const headers = key === undefined ? {} : { "idempotency-key": key };
          const answer = await shop.call(method, path, method === "GET" ? undefined : body, { headers });
          assert.ok(answer.status < 500, `${answer.status} ${JSON.stringify(answer.body)}`);
          if (answer.status >= 400) assert.equal(answer.body["status"], answer.status);
        }),
        { numRuns: 5000, interruptAfterTimeLimit: 60_000 },
      );
      assert.equal((await shop.call("GET", "/readyz")).status, 200);
      assert.deepEqual(
        shop.lines.filter((line) => line.includes('"level":"error"')),
        [],
      );
    });
  });
}
