import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { PLACES } from "./database.ts";
import { loadUntilRefused } from "./load.ts";
import { Storefront } from "./storefront.ts";

const ROUNDS = 8;

for (const place of PLACES) {
  for (const keepAlive of [true, false]) {
    describe(`${ROUNDS} SIGTERMs on ${place.name}, ${keepAlive ? "kept-alive" : "new"} connections`, () => {
      it("lose no accepted request and no cent", async () => {
        await using where = await place.make();
        let accounts: string[] = [];
        for (let round = 0; round < ROUNDS; round++) {
          await using shop = await Storefront.start(where.env);
          if (round === 0) accounts = await shop.openAccounts(8, "1000.00");
          assert.equal(await shop.cents(accounts), 800_000n);
          const after = { answered: 200 + Math.floor(Math.random() * 300), call: () => shop.kill("SIGTERM") };
          const tally = await loadUntilRefused(shop, accounts, { keepAlive, after });
          assert.deepEqual(tally.failed, [], `round ${round}: ${JSON.stringify(tally)}`);
          assert.equal(await shop.exited(), 0, shop.lines.slice(-20).join("\n"));
        }
      });
    });
  }
}
