import type { Duplex } from "node:stream";
import pg from "pg";
import type { Ctx } from "../../context/index.ts";
import { Failure, wrap } from "../../errors/index.ts";
import type { Conn, Result } from "./contract.ts";
import { orDone } from "./or-done.ts";

// A plain Conn over pg.Client, until the one of sql/postgres is here; then this file goes and driver.ts takes that one.

export async function connectClient(ctx: Ctx, stream: () => Duplex): Promise<Conn> {
  const client = new pg.Client({ stream, user: "postgres", database: "postgres", ssl: false });
  const conn = new ClientConn(client);
  try {
    await orDone(ctx, client.connect());
  } catch (err) {
    conn.destroy();
    throw err;
  }
  return conn;
}

class ClientConn implements Conn {
  broken: Failure | undefined = undefined;
  readonly #client: pg.Client;

  constructor(client: pg.Client) {
    this.#client = client;
    client.on("error", (err) => (this.broken = wrap(err, "sql")));
    client.on("end", () => (this.broken ??= new Failure("sql: connection closed", { code: "unavailable" })));
  }

  get inTransaction(): boolean {
    return this.#client.getTransactionStatus() !== "I";
  }

  async query(text: string, args: readonly unknown[]): Promise<Result> {
    const { rows, rowCount, command } = await this.#client.query<Record<string, unknown>>({ text, values: [...args] });
    return { rows, affected: rowCount ?? 0, command };
  }

  async script(text: string): Promise<void> {
    await this.#client.query(text);
  }

  cancel(): Promise<void> {
    return Promise.resolve();
  }

  async close(): Promise<void> {
    await this.#client.end().catch(() => {});
  }

  destroy(): void {
    this.#client.connection.stream.destroy();
  }
}
