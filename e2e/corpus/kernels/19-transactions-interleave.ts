import assert from "node:assert/strict";
import { Mutex } from "millrace/sync";
import { type Environment, type Kernel, calls } from "../kernel.ts";

/** Two requests have a transaction each on the one connection that there is. */
export const kernel: Kernel = {
  id: 19,
  name: "transactions interleave on a connection",
  seen: ["TryGhost/node-sqlite3#1761", "sequelize/sequelize#13554", "redis/ioredis#209", "redis/ioredis#564"],
  detectors: ["explore"],
  buggy: (k) => scenario(k, (_lock, fn) => fn()),
  fixed: (k) => scenario(k, (lock, fn) => lock.withLock(k.ctx, fn)),
};

type Guard = (lock: Mutex, fn: () => Promise<void>) => Promise<void>;

async function scenario(k: Environment, guard: Guard): Promise<void> {
  const connection = new Connection(k);
  const lock = new Mutex();
  const order = async (name: string, before: number): Promise<void> => {
    await calls(k, before);
    await guard(lock, async () => {
      await connection.begin();
      await connection.insert(`${name}: head`);
      await connection.insert(`${name}: line`);
      await connection.commit();
    });
  };
  await Promise.all([order("first", 0), order("second", 9)]);
  assert.deepEqual(
    connection.commits.map((rows) => rows.length),
    [2, 2],
  );
}

class Connection {
  readonly commits: string[][] = [];
  readonly #k: Environment;
  #rows: string[] | undefined;

  constructor(k: Environment) {
    this.#k = k;
  }

  async begin(): Promise<void> {
    await this.#k.io();
    assert.equal(this.#rows, undefined, "cannot start a transaction within a transaction");
    this.#rows = [];
  }

  async insert(row: string): Promise<void> {
    await this.#k.io();
    if (this.#rows === undefined) this.commits.push([row]);
    else this.#rows.push(row);
  }

  async commit(): Promise<void> {
    await this.#k.io();
    assert.ok(this.#rows !== undefined, "cannot commit: no transaction is active");
    this.commits.push(this.#rows);
    this.#rows = undefined;
  }
}
