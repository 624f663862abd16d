import { type CancelCtx, type Ctx, background, withCancel, withTimeout } from "../../context/index.ts";
import { bounded } from "../bounded.ts";
import type { Conn } from "../driver.ts";
import { orDone } from "../../context/or-done.ts";

// How long one ping may take at most, to connect included; its callers may give up sooner.
const PING_MS = 5000;

/** PingLine pings over a connection of its own, opened by the first ping and again after one that failed. @internal */
export class PingLine {
  readonly #connect: (ctx: Ctx) => Promise<Conn>;
  readonly #life: CancelCtx = withCancel(background);
  #conn: Conn | undefined = undefined;
  // Who pings while a ping is under way shares its outcome.
  #current: Promise<void> | undefined = undefined;

  constructor(connect: (ctx: Ctx) => Promise<Conn>) {
    this.#connect = connect;
  }

  async ping(ctx: Ctx): Promise<void> {
    ctx.throwIfDone();
    this.#current ??= this.#ping().finally(() => {
      this.#current = undefined;
    });
    await orDone(ctx, this.#current);
  }

  async close(): Promise<void> {
    this.#life.cancel();
    if (this.#current !== undefined) this.#conn?.destroy();
    await this.#current?.catch(() => undefined);
    await this.#conn?.close();
  }

  async #ping(): Promise<void> {
    using ctx = withTimeout(this.#life, PING_MS);
    ctx.throwIfDone();
    if (this.#conn === undefined || this.#conn.broken !== undefined) this.#conn = await this.#connect(ctx);
    const conn = this.#conn;
    await bounded(conn, PING_MS, () => conn.query("select 1", []));
  }
}
