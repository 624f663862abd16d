import { type CancelCtx, type Ctx, afterDone, sleep, withCancel, withTimeout } from "../context/index.ts";
import { orDone } from "../context/or-done.ts";
import { Failure, wrap } from "../errors/index.ts";
import { backoff } from "../resilience/index.ts";
import { CHECK_MS, bounded } from "./bounded.ts";
import { connectWithin } from "./connect.ts";
import type { Conn, Driver, Watcher } from "./driver.ts";
import { poolClosed } from "./pool-failure.ts";
import { quoteName } from "./sql.ts";

/** Notification is one item of Pool.listen. */
export interface Notification {
  readonly channel: string;
  /** payload is what NOTIFY sent; "" without one, and of a gap. */
  readonly payload: string;
  /** gap says that there was no notification, but that some may have been missed before. */
  readonly gap: boolean;
}

/** ListenOptions bounds Pool.listen. */
export interface ListenOptions {
  /** maxQueued is how many notifications wait for the consumer; what comes beyond becomes a gap. Default 1,000. */
  readonly maxQueued?: number;
}

// PostgreSQL cuts longer names for LISTEN and refuses them for pg_notify.
const MAX_NAME_BYTES = 63;
// A connection that is silent for this long is asked whether it is still there.
const BEAT_MS = 30_000;
const CONNECT_MS = 10_000;
const RECONNECT = { baseMs: 100, maxMs: 10_000 };

/** Listening is what a pool listens to. @internal */
export class Listening {
  readonly #open: Set<CancelCtx> = new Set();
  #closed = false;

  get closed(): boolean {
    return this.#closed;
  }

  /** enter derives the context of one listener; it is disposed by it. */
  enter(ctx: Ctx): CancelCtx & { leave(): void } {
    const life = withCancel(ctx);
    this.#open.add(life);
    return Object.assign(life, { leave: () => void this.#open.delete(life) });
  }

  close(): void {
    this.#closed = true;
    for (const life of this.#open) life.cancel();
  }
}

/** listen is Pool.listen. @internal */
export async function* listen(
  ctx: Ctx,
  on: { readonly driver: Driver; readonly listening: Listening },
  channel: string,
  { maxQueued = 1000 }: ListenOptions,
): AsyncGenerator<Notification> {
  const name = quoteName(channel);
  if (Buffer.byteLength(channel) > MAX_NAME_BYTES) throw bad(`a name of at most ${MAX_NAME_BYTES} bytes`, channel);
  if (!Number.isSafeInteger(maxQueued) || maxQueued < 1) throw bad("maxQueued of at least 1", maxQueued);
  if (on.listening.closed) throw poolClosed();
  using life = on.listening.enter(ctx);
  try {
    for (let failures = 0, first = true; ;) {
      const queue = new Queue(channel, maxQueued);
      let conn: Conn | undefined;
      try {
        conn = await connect(life, on.driver, `listen ${name}`, queue);
        failures = 0;
        first = false;
        using _beat = beat(conn);
        using _cut = cutAfter(life, conn);
        yield queue.gap();
        for (let next = await queue.next(life); next !== undefined; next = await queue.next(life)) yield next;
      } catch (err) {
        if (life.err !== undefined || first) throw err;
      } finally {
        await conn?.close();
      }
      await sleep(life, backoff(++failures, RECONNECT));
    }
  } catch (err) {
    if (ctx.err === undefined && on.listening.closed) throw poolClosed();
    throw ctx.err === undefined ? err : wrap(ctx.err, `sql: listen ${channel}`);
  } finally {
    life.leave();
  }
}

async function connect(life: Ctx, driver: Driver, text: string, queue: Queue): Promise<Conn> {
  using ctx = withTimeout(life, CONNECT_MS);
  const conn = await connectWithin(life, driver, CONNECT_MS);
  try {
    conn.watch(queue);
    using _cut = cutAfter(ctx, conn);
    await conn.query(text, []);
    return conn;
  } catch (err) {
    conn.destroy();
    throw err;
  }
}

// Also when nobody asks for the next notification.
function cutAfter(ctx: Ctx, conn: Conn): Disposable {
  return afterDone(ctx, () => conn.destroy());
}

function beat(conn: Conn): Disposable {
  const ask = async (): Promise<void> => {
    try {
      await bounded(conn, CHECK_MS, () => conn.query("select 1", []));
    } catch {
      clearInterval(timer);
      conn.destroy();
    }
  };
  const timer = setInterval(() => void ask(), BEAT_MS);
  // The connection keeps the process alive, and may end before whoever leaves the loop.
  timer.unref();
  return { [Symbol.dispose]: () => clearInterval(timer) };
}

// What has come over one connection.
class Queue implements Watcher {
  readonly #channel: string;
  readonly #max: number;
  readonly #items: Notification[] = [];
  #waiting: PromiseWithResolvers<void> | undefined = undefined;
  #lost = false;

  constructor(channel: string, max: number) {
    this.#channel = channel;
    this.#max = max;
  }

  gap(): Notification {
    return { channel: this.#channel, payload: "", gap: true };
  }

  notified(channel: string, payload: string): void {
    // Where all connections share one session, they hear each other's channels.
    if (channel !== this.#channel) return;
    if (this.#items.length < this.#max) this.#items.push({ channel, payload, gap: false });
    else if (this.#items.at(-1)?.gap === false) this.#items.push(this.gap());
    this.#waiting?.resolve();
  }

  lost(): void {
    this.#lost = true;
    this.#waiting?.resolve();
  }

  /** next is undefined when the connection was lost and everything that came over it was taken. */
  async next(ctx: Ctx): Promise<Notification | undefined> {
    ctx.throwIfDone();
    if (this.#items.length === 0 && !this.#lost) {
      this.#waiting = Promise.withResolvers();
      await orDone(ctx, this.#waiting.promise);
    }
    return this.#items.shift();
  }
}

function bad(want: string, value: unknown): Failure {
  return new Failure(`sql: listen: needs ${want}, not ${JSON.stringify(value)}`, {
    code: "invalid_argument",
    reason: "sql/bad_option",
  });
}
