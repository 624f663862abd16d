import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { PLACES } from "./database.ts";
import { loadUntilRefused } from "./load.ts";
import { Storefront, tempDir } from "./storefront.ts";

for (const place of PLACES) {
  describe(`SIGTERM on ${place.name}`, { timeout: 120_000 }, () => {
    it("in the middle of load loses no accepted request, and the process exits by itself", async () => {
      await using where = await place.make();
      await using shop = await Storefront.start(where.env);
      const accounts = await shop.openAccounts(8, "1000.00");
      const after = { answered: 500, call: () => shop.kill("SIGTERM") };
      const tally = await loadUntilRefused(shop, accounts, { keepAlive: true, after });
      assert.deepEqual(tally.failed, []);
      assert.ok(tally.ok >= 500 && tally.refused > 0, JSON.stringify(tally));
      assert.equal(await shop.exited(), 0, shop.lines.slice(-20).join("\n"));
      await using again = await Storefront.start(where.env);
      assert.equal(await again.cents(accounts), 800_000n);
    });
  });
}

describe("the embedded database's folder", { timeout: 60_000 }, () => {
  it("belongs to one process; another one is refused with a clear message", async () => {
    await using dir = await tempDir();
    await using first = await Storefront.start({ DATA_DIR: dir.path });
    await assert.rejects(Storefront.start({ DATA_DIR: dir.path }), /in use|another process/i);
    first.kill("SIGKILL");
    await first.exited();
    await using second = await Storefront.start({ DATA_DIR: dir.path });
    assert.equal((await second.call("GET", "/readyz")).status, 200);
  });
});

describe("bad configuration", () => {
  it("does not start, and one screen lists every problem", async () => {
    const bad = { PORT: "eighty", LOG_LEVEL: "loud", DATABASE_URL: "mysql://root:hunter2@localhost/x" };
    await assert.rejects(Storefront.start(bad), (err: Error) => {
      assert.match(err.message, /exit code 78/);
      for (const name of Object.keys(bad)) assert.match(err.message, new RegExp(name));
      assert.doesNotMatch(err.message, /hunter2/);
      return true;
    });
  });
});
