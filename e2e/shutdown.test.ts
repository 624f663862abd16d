import assert from "node:assert/strict";
import http from "node:http";
import { describe, it } from "node:test";
import { PLACES } from "./database.ts";
import { Storefront, tempDir } from "./storefront.ts";

interface Tally {
  ok: number;
  refused: number;
  failed: string[];
}

// One keep-alive client that asks until it cannot connect any more. A request that was sent on a connection and got no
// answer is a loss, unless the server had said that it would close that connection.
async function ask(url: string, agent: http.Agent, tally: Tally, body?: string): Promise<boolean> {
  return new Promise((resolve) => {
    const headers = body === undefined ? {} : { "content-type": "application/json" };
    const request = http.request(url, { agent, method: body === undefined ? "GET" : "POST", headers }, (response) => {
      response.resume();
      response.on("end", () => {
        if ((response.statusCode ?? 0) < 500) tally.ok++;
        else tally.failed.push(`status ${response.statusCode}`);
        resolve(true);
      });
      response.on("error", (err) => (tally.failed.push(err.message), resolve(false)));
    });
    request.on("error", (err: NodeJS.ErrnoException) => {
      if (err.code === "ECONNREFUSED") tally.refused++;
      else tally.failed.push(err.code ?? err.message);
      resolve(false);
    });
    request.end(body);
  });
}

for (const place of PLACES) {
  describe(`SIGTERM on ${place.name}`, { timeout: 120_000 }, () => {
    it("in the middle of load loses no accepted request, and the process exits by itself", async () => {
      await using where = await place.make();
      await using shop = await Storefront.start(where.env);
      const accounts = await shop.openAccounts(8, "1000.00");
      const tally: Tally = { ok: 0, refused: 0, failed: [] };
      const agent = new http.Agent({ keepAlive: true, maxSockets: 32 });
      const clients = Array.from({ length: 32 }, async (_, i) => {
        const transfer = { from_account_id: accounts[i % 8], to_account_id: accounts[(i + 3) % 8], amount: "0.01" };
        for (let n = 0; n < 5000; n++) {
          const read = i % 2 === 0;
          const path = read ? `/api/v1/accounts/${accounts[i % 8]}` : "/api/v1/transfers";
          if (!(await ask(shop.url + path, agent, tally, read ? undefined : JSON.stringify(transfer)))) return;
          if (tally.ok === 500) shop.kill("SIGTERM");
        }
      });
      await Promise.all(clients);
      agent.destroy();
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
