import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before } from "node:test";
import pg from "pg";
import { prepareDataDir } from "./data-dir.ts";
import { PgliteHost } from "./host.ts";
import type { PortStream } from "./stream.ts";
import { Splitter, message, typeOf } from "./wire.ts";

// What the tests of this folder share; named as a test so that it is not published.

/**
 * sharedHost opens one database for a whole file, since that takes half a second; its tests have their own tables and
 * clients. The host is there when the tests run.
 */
export function sharedHost(): () => PgliteHost {
  let parent: string;
  let host: PgliteHost;
  before(async () => {
    parent = await mkdtemp(join(tmpdir(), "millrace-test-"));
    await prepareDataDir(join(parent, "data"));
    host = await PgliteHost.open(join(parent, "data"));
  });
  after(async () => {
    await host.close();
    await rm(parent, { recursive: true });
  });
  return () => host;
}

export interface Bundle extends AsyncDisposable {
  /** table is a table of this test's own: id int primary key, v text. */
  readonly table: string;
  client(options?: { pipeline?: boolean }): Promise<pg.Client>;
}

let tables = 0;

export async function setup(host: PgliteHost): Promise<Bundle> {
  const clients: pg.Client[] = [];
  const client: Bundle["client"] = async (options = {}) => {
    const made = new pg.Client({
      stream: () => host.connect(),
      user: "postgres",
      database: "postgres",
      ...options,
    });
    made.on("error", () => {});
    clients.push(made);
    await made.connect();
    return made;
  };
  const table = `t${++tables}`;
  const first = await client();
  await first.query(`create table ${table} (id int primary key, v text)`);
  return {
    table,
    client,
    async [Symbol.asyncDispose]() {
      await Promise.all(clients.map((each) => each.end()));
    },
  };
}

/** Raw speaks the protocol by hand. */
export class Raw {
  readonly stream: PortStream;
  readonly #splitter = new Splitter();
  #wake: () => void = () => {};

  constructor(host: PgliteHost) {
    this.stream = host.connect();
    this.stream.on("data", (bytes: Buffer) => {
      this.#splitter.push(bytes);
      this.#wake();
    });
    this.stream.on("end", () => this.#wake());
    this.stream.on("error", () => {});
  }

  send(...messages: Uint8Array[]): void {
    this.stream.write(Buffer.concat(messages));
  }

  /** until collects messages up to and with one of a type; a server that ends the connection ends the wait too. */
  async until(type: string): Promise<string[]> {
    const got: string[] = [];
    for (;;) {
      for (let next = this.#splitter.next(); next !== undefined; next = this.#splitter.next()) {
        if (typeOf(next) !== "S") got.push(describe(next));
        if (typeOf(next) === type) return got;
      }
      if (this.stream.readableEnded) return [...got, "end"];
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  async start(): Promise<this> {
    const packet = message("\0", Buffer.from([0, 3, 0, 0]), "user", "postgres", Buffer.of(0)).subarray(1);
    this.send(packet);
    await this.until("Z");
    return this;
  }
}

// The type, and of an error the code, of a row its first column, of ReadyForQuery the state.
function describe(m: Buffer): string {
  const type = typeOf(m);
  if (type === "E") return `E ${/\0C(.{5})\0/.exec(m.toString("latin1"))?.[1]}`;
  if (type === "D") return `D ${m.toString("utf8", 11, 11 + m.readInt32BE(7))}`;
  if (type === "Z") return `Z ${String.fromCharCode(m[5]!)}`;
  return type;
}

export const parse = (name: string, sql: string): Buffer => message("P", name, sql, Buffer.alloc(2));
export const bind = (name: string): Buffer => message("B", "", name, Buffer.alloc(6));
export const execute: Buffer = message("E", "", Buffer.alloc(4));
export const sync: Buffer = message("S");
export const query = (sql: string): Buffer => message("Q", sql);
