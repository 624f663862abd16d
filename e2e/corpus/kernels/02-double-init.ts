import assert from "node:assert/strict";
import { type Environment, type Kernel, calls } from "../kernel.ts";

/** A connection that is opened on first use is opened by each of the first users. */
export const kernel: Kernel = {
  id: 2,
  name: "double init",
  seen: ["Automattic/mongoose#8845", "SierraSoftworks/Iridium#15", "typeorm/typeorm#1228", "unjs/db0#187"],
  detectors: ["race", "explore"],
  buggy: (k) => scenario(k, new Database(k)),
  fixed: (k) => scenario(k, new OnceDatabase(k)),
};

interface Connection {
  readonly id: number;
}

async function scenario(k: Environment, db: Database): Promise<void> {
  const request = async (before: number): Promise<number> => {
    await calls(k, before);
    return (await db.connection()).id;
  };
  const ids = await Promise.all([request(0), request(5)]);
  assert.deepEqual(ids, [1, 1], "two connections");
  assert.equal(db.opened, 1, "a connection that nobody closes");
}

class Database {
  opened = 0;
  readonly k: Environment;
  readonly #state: { connection: Connection | undefined };

  constructor(k: Environment) {
    this.k = k;
    this.#state = k.tracked({ connection: undefined }, "database");
  }

  async connection(): Promise<Connection> {
    if (this.#state.connection === undefined) {
      const connection = await this.connect();
      this.#state.connection = connection;
    }
    return this.#state.connection;
  }

  async connect(): Promise<Connection> {
    const id = ++this.opened;
    await this.k.io("handshake");
    await this.k.io("authentication");
    return { id };
  }
}

class OnceDatabase extends Database {
  #connection: Promise<Connection> | undefined;

  override connection(): Promise<Connection> {
    return (this.#connection ??= this.connect());
  }
}
