import { Arm } from "../runtime/arm.ts";
import { rt } from "../runtime/hook.ts";
import type { Parked } from "../runtime/parked.ts";
import { type Closed, closed } from "../runtime/sentinel.ts";
import { type WaiterHost, link, unlink } from "../runtime/waiter.ts";

interface Ending extends WaiterHost {
  readonly ended: object | null;
}

/** DoneArm is the end of a context as a case of a select: like a channel that is closed then. */
export class DoneArm extends Arm<Closed> {
  readonly #ctx: Ending;

  constructor(ctx: Ending) {
    super();
    this.#ctx = ctx;
  }

  ready(): boolean {
    return this.#ctx.ended !== null;
  }

  take(): Closed {
    if (rt !== null) rt.after(this.#ctx.ended, null);
    return closed;
  }

  join(waiter: Parked): void {
    link(this.#ctx, waiter);
  }

  leave(waiter: Parked): void {
    unlink(waiter);
  }
}
