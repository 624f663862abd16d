import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import { type Environment, type Kernel, calls } from "../kernel.ts";

/** A client goes back to its pool when the response is finished, and again when it is closed: to somebody else's cost. */
export const kernel: Kernel = {
  id: 5,
  name: "pool double release",
  seen: ["coopernurse/node-pool#19", "brianc/node-pg-pool#115", "vitaly-t/pg-promise#600"],
  detectors: ["explore"],
  buggy: (k) => scenario(k, (pool, client) => () => pool.release(client)),
  fixed: (k) =>
    scenario(k, (pool, client) => {
      let held = true;
      return () => {
        if (held) pool.release(client);
        held = false;
      };
    }),
};

type Release = (pool: Pool, client: Client) => () => void;

async function scenario(k: Environment, releaser: Release): Promise<void> {
  const pool = new Pool(new Client(k));
  const request = async (before: number): Promise<void> => {
    await calls(k, before);
    const response = new EventEmitter();
    const client = await pool.acquire();
    const release = releaser(pool, client);
    response.once("finish", release);
    response.once("close", release);
    await client.query();
    response.emit("finish");
    await k.io("the last bytes");
    response.emit("close");
  };
  await Promise.all([request(0), request(9), request(18)]);
}

class Client {
  readonly #k: Environment;
  #busy = false;

  constructor(k: Environment) {
    this.#k = k;
  }

  async query(): Promise<void> {
    assert.equal(this.#busy, false, "one client serves two requests");
    this.#busy = true;
    await calls(this.#k, 2);
    this.#busy = false;
  }
}

class Pool {
  readonly #idle: Client[];
  readonly #waiting: ((client: Client) => void)[] = [];

  constructor(...clients: Client[]) {
    this.#idle = clients;
  }

  acquire(): Promise<Client> {
    const client = this.#idle.pop();
    return client === undefined ? new Promise((resolve) => this.#waiting.push(resolve)) : Promise.resolve(client);
  }

  release(client: Client): void {
    if (this.#idle.includes(client)) return;
    const next = this.#waiting.shift();
    if (next === undefined) this.#idle.push(client);
    else next(client);
  }
}
