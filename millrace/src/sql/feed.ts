import { type Ctx, afterDone, withCancel } from "../context/index.ts";
import type { Conn, Feed } from "./driver.ts";

/**
 * Hold runs one call on a connection: it gets the connection, waits for the call under ctx, and gives it back. Whoever
 * ends the holder early calls what was given to `stoppable`, so that the call ends. @internal
 */
export type Hold = <T>(ctx: Ctx, text: string, call: Call<T>) => Promise<T>;

/** Call is what runs on a connection that was got for it; the declarations of pools and transactions name it. */
export type Call<T> = (conn: Conn, stoppable: (stop: () => void) => void) => Promise<T>;

/** Feeding says what a feed is, and what becomes of it when its consumer leaves early. @internal */
export interface Feeding<T> {
  readonly text: string;
  readonly begin: (conn: Conn, sink: (piece: T) => void) => Feed;
  /** cancel has the server canceled, where that costs no transaction: it cannot be told to pause. */
  readonly cancel: boolean;
}

/**
 * iterate gives the pieces of a feed, and holds a connection from the first `next` until the last piece, an error, the
 * end of ctx, or until the consumer leaves. At most the piece that is consumed and the next one are in memory.
 * @internal
 */
export async function* iterate<T>(ctx: Ctx, hold: Hold, { text, begin, cancel }: Feeding<T>): AsyncGenerator<T> {
  using life = withCancel(ctx);
  const inbox = new Inbox<T>();
  let leave = (): void => life.cancel();
  const over = hold(life, text, async (conn, stoppable) => {
    let rows = 0;
    const feed = begin(conn, (piece) => {
      if (Array.isArray(piece)) rows += piece.length;
      inbox.put(piece);
    });
    const stop = (): void => feed.stop();
    inbox.more = () => feed.more();
    if (!cancel || conn.inTransaction) leave = stop;
    stoppable(stop);
    using _stop = afterDone(life, stop);
    await feed.over;
    return rows;
  }).then(
    () => inbox.end(undefined),
    (err: unknown) => inbox.end({ err }),
  );
  try {
    for (let piece = await inbox.next(); piece !== undefined; piece = await inbox.next()) yield piece;
  } finally {
    leave();
    await over;
  }
}

// What has come and was not taken yet, and whoever waits for it.
class Inbox<T> {
  more: () => void = () => {};
  readonly #pieces: T[] = [];
  #waiting: PromiseWithResolvers<T | undefined> | undefined = undefined;
  #over = false;
  #error: { readonly err: unknown } | undefined = undefined;

  put(piece: T): void {
    if (this.#waiting === undefined) this.#pieces.push(piece);
    else this.#settle((waiting) => waiting.resolve(piece));
  }

  end(error: { readonly err: unknown } | undefined): void {
    this.#over = true;
    this.#error = error;
    this.#settle((waiting) => (error === undefined ? waiting.resolve(undefined) : waiting.reject(error.err)));
  }

  async next(): Promise<T | undefined> {
    if (this.#error !== undefined) throw this.#error.err;
    const piece = this.#pieces.shift();
    if (piece !== undefined || this.#over) return piece;
    this.#waiting = Promise.withResolvers();
    const { promise } = this.#waiting;
    this.more();
    return await promise;
  }

  #settle(how: (waiting: PromiseWithResolvers<T | undefined>) => void): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (waiting !== undefined) how(waiting);
  }
}
