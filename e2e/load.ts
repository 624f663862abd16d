import http from "node:http";
import type { Storefront } from "./storefront.ts";

/** Tally counts what came of requests. */
export interface Tally {
  /** ok were answered, by anything below 500. */
  ok: number;
  /** refused could not connect: the server was not there any more. */
  refused: number;
  /** failed were sent and got no answer, or a 5xx: each one is a loss. */
  readonly failed: string[];
}

/** LoadOptions says how the clients ask. */
export interface LoadOptions {
  /** keepAlive uses each connection again; without it each request has a connection of its own. */
  readonly keepAlive: boolean;
  /** after is called when so many requests have been answered. */
  readonly after: { readonly answered: number; readonly call: () => void };
}

const CLIENTS = 32;
const MAX_EACH = 5000;

/** loadUntilRefused has clients read accounts and move money until the server lets nobody in any more. */
export async function loadUntilRefused(
  shop: Storefront,
  accounts: readonly string[],
  options: LoadOptions,
): Promise<Tally> {
  const tally: Tally = { ok: 0, refused: 0, failed: [] };
  const agent = new http.Agent({ keepAlive: options.keepAlive, maxSockets: CLIENTS });
  const client = async (_: unknown, i: number): Promise<void> => {
    const [from, to] = [accounts[i % accounts.length], accounts[(i + 3) % accounts.length]];
    const transfer = JSON.stringify({ from_account_id: from, to_account_id: to, amount: "0.01" });
    for (let n = 0; n < MAX_EACH; n++) {
      const asked =
        i % 2 === 0
          ? ask(`${shop.url}/api/v1/accounts/${from}`, agent, tally)
          : ask(`${shop.url}/api/v1/transfers`, agent, tally, transfer);
      if (!(await asked)) return;
      if (tally.ok === options.after.answered) options.after.call();
    }
  };
  await Promise.all(Array.from({ length: CLIENTS }, client));
  agent.destroy();
  return tally;
}

// One request; false when there is no point in another one.
function ask(url: string, agent: http.Agent, tally: Tally, body?: string): Promise<boolean> {
  return new Promise((resolve) => {
    const lost = (what: string): void => {
      tally.failed.push(what);
      resolve(false);
    };
    const headers = body === undefined ? {} : { "content-type": "application/json" };
    const request = http.request(url, { agent, method: body === undefined ? "GET" : "POST", headers }, (response) => {
      const { statusCode = 0 } = response;
      response.resume();
      response.on("error", (err) => lost(err.message));
      response.on("end", () => {
        if (statusCode >= 500) return lost(`status ${statusCode}`);
        tally.ok++;
        return resolve(true);
      });
    });
    request.on("error", (err: NodeJS.ErrnoException) => {
      if (err.code !== "ECONNREFUSED") return lost(err.code ?? err.message);
      tally.refused++;
      return resolve(false);
    });
    request.end(body);
  });
}
