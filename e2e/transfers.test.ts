import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { PLACES } from "./database.ts";
import { Storefront } from "./storefront.ts";

const TRANSFERS = 3000;
const AT_ONCE = 64;

for (const place of PLACES) {
  describe(`transfers on ${place.name}`, { timeout: 180_000 }, () => {
    it(`the sum is exact after ${TRANSFERS} transfers, ${AT_ONCE} at a time, with random disconnects`, async () => {
      await using where = await place.make();
      await using shop = await Storefront.start(where.env);
      const accounts = await shop.openAccounts(8, "100.00");
      const seen = { created: 0, refused: 0, disconnected: 0 };
      let started = 0;
      const one = async (): Promise<void> => {
        const from = Math.floor(Math.random() * 8);
        const to = (from + 1 + Math.floor(Math.random() * 7)) % 8;
        const amount = (Math.random() * 30 + 0.01).toFixed(2);
        const transfer = { from_account_id: accounts[from], to_account_id: accounts[to], amount };
        // One in four leaves at a random moment of what a transfer takes under this load.
        const signal = Math.random() < 0.25 ? AbortSignal.timeout(Math.floor(Math.random() * 60)) : undefined;
        try {
          const { status, body } = await shop.call("POST", "/api/v1/transfers", transfer, signal && { signal });
          if (status === 201) seen.created++;
          else if (status === 409 && body["reason"] === "transfer/insufficient_funds") seen.refused++;
          else assert.fail(`unexpected answer ${status}: ${JSON.stringify(body)}`);
        } catch (err) {
          if (!(err instanceof DOMException)) throw err;
          seen.disconnected++;
        }
      };
      const workers = Array.from({ length: AT_ONCE }, async () => {
        while (started++ < TRANSFERS) await one();
      });
      await Promise.all(workers);
      assert.equal(await shop.cents(accounts), 80_000n);
      assert.equal(seen.created + seen.refused + seen.disconnected, TRANSFERS);
      assert.ok(seen.created > TRANSFERS / 4 && seen.disconnected > 0, JSON.stringify(seen));
      shop.kill("SIGTERM");
      assert.equal(await shop.exited(), 0, shop.lines.slice(-20).join("\n"));
    });

    it("the sum is exact and acknowledged transfers are there after kill -9 and a restart", async () => {
      await using where = await place.make();
      let accounts: string[] = [];
      const acknowledged: string[] = [];
      for (let round = 0; round < 3; round++) {
        await using shop = await Storefront.start(where.env);
        if (round === 0) accounts = await shop.openAccounts(8, "1000.00");
        assert.equal(await shop.cents(accounts), 800_000n);
        for (const id of acknowledged.splice(0)) {
          assert.equal((await shop.call("GET", `/api/v1/transfers/${id}`)).status, 200);
        }
        let left = 100 + Math.floor(Math.random() * 200);
        const workers = Array.from({ length: 16 }, async (_, i) => {
          for (;;) {
            const pair = { from_account_id: accounts[i % 8], to_account_id: accounts[(i + 3) % 8], amount: "0.01" };
            try {
              const { status, body } = await shop.call<{ id: string }>("POST", "/api/v1/transfers", pair);
              if (status === 201) acknowledged.push(body.id);
            } catch {
              return;
            }
            if (--left === 0) shop.kill("SIGKILL");
          }
        });
        await Promise.all(workers);
        assert.equal(await shop.exited(), null);
      }
      await using shop = await Storefront.start(where.env);
      assert.equal(await shop.cents(accounts), 800_000n);
      assert.ok(acknowledged.length > 0);
    });

    it("one key has one outcome, however often and however many at once ask", async () => {
      await using where = await place.make();
      await using shop = await Storefront.start(where.env);
      const [from, to] = await shop.openAccounts(2, "10.00");
      const ask = (key: string, amount: string) =>
        shop.call(
          "POST",
          "/api/v1/transfers",
          { from_account_id: from, to_account_id: to, amount },
          {
            headers: { "idempotency-key": key },
          },
        );
      const answers = await Promise.all(Array.from({ length: 20 }, () => ask("one", "4.00")));
      assert.deepEqual(new Set(answers.map((a) => a.status)), new Set([201]));
      assert.equal(new Set(answers.map((a) => a.body["id"])).size, 1);
      assert.equal(answers.filter((a) => a.headers.get("idempotent-replayed") === null).length, 1);
      const other = await ask("one", "5.00");
      assert.deepEqual([other.status, other.body["reason"]], [409, "idempotency/key_reused"]);
      // A refusal is an outcome too: more money afterwards does not change it.
      const refused = await ask("two", "7.00");
      assert.deepEqual([refused.status, refused.body["reason"]], [409, "transfer/insufficient_funds"]);
      await shop.call("POST", "/api/v1/transfers", { from_account_id: to, to_account_id: from, amount: "14.00" });
      assert.equal((await ask("two", "7.00")).status, 409);
      assert.equal((await ask("three", "7.00")).status, 201);
      assert.equal(await shop.cents([from!]), 1300n);
    });
  });
}
