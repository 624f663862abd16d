import assert from "node:assert/strict";
import type { Environment, Kernel } from "../kernel.ts";

/** A caller gives up just before its connection is there; nobody puts that into the pool, which stays empty for ever. */
export const kernel: Kernel = {
  id: 6,
  name: "late connection is lost",
  seen: ["knex/knex#1694", "Vincit/tarn.js#61"],
  detectors: ["explore", "time"],
  buggy: (k) => scenario(k, new Pool(k)),
  fixed: (k) => scenario(k, new KeepingPool(k)),
};

async function scenario(k: Environment, pool: Pool): Promise<void> {
  try {
    pool.release(await pool.acquire(30));
  } catch {
    // It took too long, as the service answers. The next request comes a little later.
  }
  await k.sleep(25);
  pool.release(await pool.acquire(30));
}

class Connection {
  readonly openedAt: number = Date.now();
}

class Pool {
  readonly #k: Environment;
  readonly #idle: Connection[] = [];
  #room = 1;

  constructor(k: Environment) {
    this.#k = k;
  }

  async acquire(timeoutMs: number): Promise<Connection> {
    const idle = this.#idle.pop();
    if (idle !== undefined) return idle;
    assert.ok(this.#room > 0, "the pool is exhausted, and nobody holds a connection");
    this.#room--;
    return this.within(this.#connect(), timeoutMs);
  }

  release(connection: Connection): void {
    this.#idle.push(connection);
  }

  /** late is called with a connection that nobody waits for any more. */
  late(_connection: Connection): void {}

  async #connect(): Promise<Connection> {
    await this.#k.sleep(30);
    return new Connection();
  }

  within(connecting: Promise<Connection>, ms: number): Promise<Connection> {
    return new Promise((resolve, reject) => {
      let left = ms;
      const reaper = setInterval(() => {
        left -= 10;
        if (left > 0) return;
        clearInterval(reaper);
        reject(new Error("no connection in time"));
      }, 10);
      const arrived = async (): Promise<void> => {
        const connection = await connecting;
        clearInterval(reaper);
        if (left > 0) resolve(connection);
        else this.late(connection);
      };
      void arrived();
    });
  }
}

class KeepingPool extends Pool {
  override late(connection: Connection): void {
    this.release(connection);
  }
}
