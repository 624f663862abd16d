import { Alarm, type Sleeping } from "../runtime/alarm.ts";
import { rt } from "../runtime/hook.ts";
import { Parked } from "../runtime/parked.ts";
import { unlink } from "../runtime/waiter.ts";
import type { Ctx } from "./ctx.ts";
import { type CancelNode, nodeOf, park } from "./node.ts";

/**
 * sleep waits a number of milliseconds, never less, or rejects with the context's error when that ends first; the timer
 * is cleared then. 0 or less waits for the next turn of the event loop.
 */
export function sleep(ctx: Ctx, ms: number): Promise<void> {
  const node = nodeOf(ctx);
  if (node.core.ended !== null) return Promise.reject(node.core.ended.error());
  const sleeper = new Sleeper(ms);
  const promise = sleeper.promise<void>();
  park(node, sleeper);
  if (rt !== null) rt.park(sleeper, "sleep", sleeper);
  return promise;
}

class Sleeper extends Parked implements Sleeping {
  readonly #alarm: Alarm;

  constructor(ms: number) {
    super();
    this.#alarm = new Alarm(ms, this);
  }

  override get waits(): string {
    return "for the end of a sleep";
  }

  ring(): void {
    unlink(this);
    this.complete(undefined);
  }

  override wake(host: CancelNode): void {
    this.#alarm.clear();
    this.fail(host.err);
  }
}
