import assert from "node:assert/strict";
import { type Environment, type Kernel, calls } from "../kernel.ts";

/** Transactions that need one more connection each wait for each other, once they hold all of them. */
export const kernel: Kernel = {
  id: 7,
  name: "transaction needs a second connection",
  seen: ["knex/knex#1040", "knex/knex#1171", "knex/knex#1909", "Vincit/objection.js#1137"],
  detectors: ["deadlock"],
  buggy: (k) => scenario(k, (pool) => pool.use((other) => audit(k, other))),
  fixed: (k) => scenario(k, (_pool, connection) => audit(k, connection)),
};

interface Connection {
  readonly log: string[];
}

type Audit = (pool: Pool, connection: Connection) => Promise<void>;

async function scenario(k: Environment, write: Audit): Promise<void> {
  const log: string[] = [];
  const pool = new Pool([{ log }, { log }]);
  const order = async (before: number): Promise<void> => {
    await calls(k, before);
    await pool.use(async (connection) => {
      await k.io("insert");
      await write(pool, connection);
    });
  };
  await Promise.all([order(0), order(9)]);
  assert.equal(log.length, 2);
}

async function audit(k: Environment, connection: Connection): Promise<void> {
  await k.io();
  connection.log.push("order");
}

class Pool {
  readonly #idle: Connection[];
  readonly #waiting: ((connection: Connection) => void)[] = [];

  constructor(connections: Connection[]) {
    this.#idle = connections;
  }

  async use(fn: (connection: Connection) => Promise<void>): Promise<void> {
    const connection = this.#idle.pop() ?? (await new Promise<Connection>((resolve) => this.#waiting.push(resolve)));
    try {
      await fn(connection);
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#idle.push(connection);
      else next(connection);
    }
  }
}
