import type { Ctx } from "../context/index.ts";
import { type CancelNode, nodeOf, park } from "../context/node.ts";
import { type Failure, wrap } from "../errors/index.ts";
import { Waiter, unlink } from "../runtime/waiter.ts";
import type { Conn, Driver } from "./driver.ts";
import { SqlFailure } from "./failure.ts";
import { label } from "./label.ts";
import type { Slot } from "./slot.ts";

// A CancelRequest that overtakes its statement is lost, so it is sent again while the statement runs: first after this
// long, then after twice as long each time.
const CANCEL_AGAIN_MS = 50;
// A statement that has not ended this long after its cancel, the sum of the waits above, is cut off with its connection.
const CANCEL_GIVE_UP_MS = 6000;

/**
 * execute runs one call on a held connection under a context.
 *
 * When the context ends first, the caller leaves at once with its error, the server is asked to cancel, and
 * `slot.settling` is pending until the call has settled and the last cancel request is over: a request names a
 * connection and not a statement, so it must never be on its way while the next statement runs. @internal
 */
export async function execute<T>(
  ctx: Ctx,
  driver: Driver,
  slot: Slot,
  text: string,
  call: (conn: Conn) => Promise<T>,
): Promise<T> {
  const node = nodeOf(ctx);
  if (node.core.ended !== null) throw interrupted(node.err, text);
  slot.statement = text;
  try {
    return await new Promise<T>((resolve, reject) => {
      const settled = call(slot.conn);
      const running = new Running(driver, slot, settled, (err) => reject(interrupted(err, text)));
      park(node, running);
      void running.follow(settled, resolve, reject);
    });
  } catch (err) {
    // It was made where the server's answer arrived; here the stack leads to the caller.
    if (err instanceof SqlFailure) Error.captureStackTrace(err);
    throw err;
  }
}

function interrupted(err: unknown, text: string): Failure {
  return wrap(err, `sql: ${label(text)}`);
}

class Running extends Waiter {
  settled = false;
  readonly #driver: Driver;
  readonly #slot: Slot;
  readonly #outcome: Promise<unknown>;
  readonly #leave: (err: unknown) => void;

  constructor(driver: Driver, slot: Slot, outcome: Promise<unknown>, leave: (err: unknown) => void) {
    super();
    this.#driver = driver;
    this.#slot = slot;
    this.#outcome = outcome;
    this.#leave = leave;
  }

  async follow<T>(call: Promise<T>, resolve: (value: T) => void, reject: (err: unknown) => void): Promise<void> {
    try {
      resolve(await call);
    } catch (err) {
      reject(err);
    } finally {
      this.settled = true;
      unlink(this);
    }
  }

  wake(host: CancelNode): void {
    this.#leave(host.err);
    void this.#slot.settleAfter(() => this.#end());
  }

  async #end(): Promise<void> {
    const { conn } = this.#slot;
    if (this.#driver.can.cancel) await this.#cancel(conn);
    // Whether it was canceled, failed or succeeded all the same: nobody waits for the outcome any more.
    await this.#outcome.then(ignore, ignore);
  }

  async #cancel(conn: Conn): Promise<void> {
    for (let ms = CANCEL_AGAIN_MS, waited = 0; !this.settled && waited < CANCEL_GIVE_UP_MS; waited += ms, ms *= 2) {
      try {
        await conn.cancel();
      } catch {
        // Nobody knows whether that request is still on its way.
        break;
      }
      await this.#settledWithin(ms);
      if (this.settled) return;
    }
    conn.destroy();
  }

  // Resolves when the call has settled, or after so many milliseconds.
  async #settledWithin(ms: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, ms);
    });
    await Promise.race([this.#outcome.then(ignore, ignore), late]);
    clearTimeout(timer);
  }
}

function ignore(): void {}
