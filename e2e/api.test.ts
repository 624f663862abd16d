import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { PLACES, type Place } from "./database.ts";
import { issuePaths, problem } from "./problem.ts";
import { type Answer, Storefront } from "./storefront.ts";

type Json = Record<string, unknown>;
const NOBODY = "00000000-0000-7000-8000-000000000000";
const RFC3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/;
const UUID7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

for (const kind of PLACES) {
  describe(`the API on ${kind.name}`, { timeout: 60_000 }, () => {
    let place: Place;
    let shop: Storefront;
    before(async () => {
      place = await kind.make();
      // "test": every answer is held against what its endpoint says of it.
      shop = await Storefront.start({ ...place.env, NODE_ENV: "test" });
    });
    after(async () => {
      await shop[Symbol.asyncDispose]();
      await place[Symbol.asyncDispose]();
    });
    const newUser = async (name = "Ada"): Promise<Answer<{ id: string; email: string }>> =>
      shop.call("POST", "/api/v1/users", { email: `${crypto.randomUUID()}@example.com`, name });

    it("is healthy and ready", async () => {
      for (const path of ["/healthz", "/health", "/startupz"]) {
        assert.equal((await shop.call("GET", path)).status, 200, path);
      }
      const ready = await shop.call<{ checks: { database: { status: string } } }>("GET", "/readyz");
      assert.deepEqual([ready.status, ready.body.checks.database.status], [200, "up"]);
    });

    it("creates, reads, replaces, changes and deletes a user", async () => {
      const email = `${crypto.randomUUID()}@Example.com`;
      const made = await shop.call("POST", "/api/v1/users", { email, name: "Ada" });
      assert.equal(made.status, 201);
      assert.deepEqual(Object.keys(made.body), ["id", "email", "name", "created_at", "updated_at"]);
      assert.match(String(made.body["id"]), UUID7);
      assert.match(String(made.body["created_at"]), RFC3339);
      const path = `/api/v1/users/${String(made.body["id"])}`;
      assert.equal(made.headers.get("location"), path);
      assert.deepEqual((await shop.call("GET", path)).body, made.body);
      const put = await shop.call("PUT", path, { email, name: "Ada L." });
      assert.deepEqual([put.status, put.body["name"]], [200, "Ada L."]);
      const patched = await shop.call("PATCH", path, { name: "Countess" });
      assert.deepEqual([patched.status, patched.body["name"], patched.body["email"]], [200, "Countess", email]);
      assert.equal(patched.body["created_at"], made.body["created_at"]);
      assert.equal((await shop.call("DELETE", path)).status, 204);
      problem(await shop.call("GET", path), 404);
      for (const method of ["DELETE", "PATCH", "PUT"]) {
        problem(await shop.call(method, path, method === "DELETE" ? undefined : { email, name: "x" }), 404);
      }
    });

    it("refuses a taken e-mail address, whatever its case, and the deletion of an owner", async () => {
      const { body } = await newUser();
      const taken = await shop.call("POST", "/api/v1/users", { email: body.email.toUpperCase(), name: "B" });
      assert.equal(problem(taken, 409)["reason"], "user/email_taken");
      const other = await newUser();
      const patched = await shop.call("PATCH", `/api/v1/users/${other.body.id}`, { email: body.email });
      assert.equal(problem(patched, 409)["reason"], "user/email_taken");
      await shop.call("POST", "/api/v1/accounts", { owner_id: body.id, currency: "EUR", opening_balance: "1.00" });
      const refused = await shop.call("DELETE", `/api/v1/users/${body.id}`);
      assert.equal(problem(refused, 409)["reason"], "user/has_accounts");
    });

    it("lists users in pages that neither miss nor repeat anyone", async () => {
      const made = new Set<string>();
      for (let i = 0; i < 7; i++) made.add((await newUser(`P${i}`)).body.id);
      const seen = (await shop.all<{ id: string }>("/api/v1/users", 3)).map((user) => user.id);
      assert.equal(new Set(seen).size, seen.length);
      for (const id of made) assert.ok(seen.includes(id));
      assert.deepEqual(issuePaths(await shop.call("GET", "/api/v1/users?limit=0&cursor=x")), [
        "query.cursor",
        "query.limit",
      ]);
    });

    it("lists every validation issue", async () => {
      assert.deepEqual(issuePaths(await shop.call("POST", "/api/v1/users", { email: "no", name: "" })), [
        "email",
        "name",
      ]);
      issuePaths(await shop.call("GET", "/api/v1/users/42"));
      issuePaths(await shop.call("PATCH", `/api/v1/users/${NOBODY}`, {}));
      const bad = { owner_id: "x", currency: "BTC", opening_balance: 5 };
      assert.deepEqual(issuePaths(await shop.call("POST", "/api/v1/accounts", bad)), [
        "currency",
        "opening_balance",
        "owner_id",
      ]);
    });

    it("opens accounts with exact balances", async () => {
      const owner = (await newUser()).body.id;
      const open = (currency: string, balance: string) =>
        shop.call("POST", "/api/v1/accounts", { owner_id: owner, currency, opening_balance: balance });
      const made = await open("EUR", "100.5");
      assert.equal(made.status, 201);
      const { id, ...rest } = made.body;
      assert.deepEqual(rest, { owner_id: owner, currency: "EUR", balance: "100.50" });
      assert.deepEqual((await shop.call("GET", `/api/v1/accounts/${String(id)}`)).body, made.body);
      assert.equal((await open("JPY", "7")).body["balance"], "7");
      assert.equal((await open("EUR", "999999999999999999.99")).body["balance"], "999999999999999999.99");
      for (const balance of ["-1", "1.001", "abc", "", "1e3", "1".repeat(19)]) {
        assert.deepEqual(issuePaths(await open("EUR", balance)), ["opening_balance"], balance);
      }
      problem(await shop.call("POST", "/api/v1/accounts", { owner_id: NOBODY, currency: "EUR" }), 404);
      problem(await shop.call("GET", `/api/v1/accounts/${NOBODY}`), 404);
    });

    it("moves money, and refuses what cannot be", async () => {
      const [from, to] = (await shop.openAccounts(2, "0.30")) as [string, string];
      const yen = await shop.call<{ id: string }>("POST", "/api/v1/accounts", {
        owner_id: (await newUser()).body.id,
        currency: "JPY",
        opening_balance: "100",
      });
      const send = (amount: unknown, a = from, b = to) =>
        shop.call("POST", "/api/v1/transfers", { from_account_id: a, to_account_id: b, amount });
      const made = await send("0.1");
      assert.equal(made.status, 201);
      const { id, created_at: at, ...rest } = made.body;
      assert.match(String(id), UUID7);
      assert.match(String(at), RFC3339);
      assert.deepEqual(rest, { from_account_id: from, to_account_id: to, amount: "0.10" });
      assert.deepEqual((await shop.call("GET", `/api/v1/transfers/${String(id)}`)).body, made.body);
      assert.equal((await send("0.20")).status, 201);
      const cases: [status: number, reason: string, answer: Promise<Answer>][] = [
        [409, "transfer/insufficient_funds", send("0.01")],
        [409, "transfer/currency_mismatch", send("1", to, yen.body.id)],
        [404, "account/not_found", send("0.01", NOBODY, to)],
        [404, "account/not_found", send("0.01", from, NOBODY)],
        [400, "validation", send("0.01", from, from)],
        [400, "validation", send("-0.01", to, from)],
        [400, "validation", send("0.00", to, from)],
        [400, "validation", send("0.001", to, from)],
        [400, "validation", send("1,5", to, from)],
        [400, "validation", send("NaN", to, from)],
      ];
      for (const [status, reason, answer] of cases) assert.equal(problem(await answer, status)["reason"], reason);
      issuePaths(await send(0.01, to, from));
      assert.equal(await shop.cents([from]), 0n);
      assert.equal(await shop.cents([to]), 60n);
    });

    it("answers unknown routes, methods, types and bodies with the right status", async () => {
      problem(await shop.call("GET", "/api/v1/nothing"), 404);
      const wrong = await shop.call("DELETE", "/api/v1/users");
      problem(wrong, 405);
      assert.match(wrong.headers.get("allow") ?? "", /GET.*POST/);
      const post = async (body: string, type: string): Promise<Answer> => {
        const r = await fetch(`${shop.url}/api/v1/users`, { method: "POST", body, headers: { "content-type": type } });
        return { status: r.status, headers: r.headers, body: (await r.json()) as Json };
      };
      problem(await post("{", "application/json"), 400);
      problem(await post("email=x", "application/x-www-form-urlencoded"), 415);
      problem(await post(JSON.stringify({ email: "a@b.de", name: "x".repeat(2_000_000) }), "application/json"), 413);
      problem(await shop.call("GET", "/api/v1/users/%zz"), 400);
      // The process lives, and none of these was an error of its own.
      for (const path of ["/healthz", "/health", "/startupz"]) {
        assert.equal((await shop.call("GET", path)).status, 200, path);
      }
      assert.deepEqual(
        shop.lines.filter((line) => line.includes('"level":"error"')),
        [],
      );
    });
  });
}
