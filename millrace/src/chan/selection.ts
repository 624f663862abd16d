import { Arm } from "../runtime/arm.ts";
import { Parked } from "../runtime/parked.ts";
import { randomBelow } from "../runtime/random.ts";
import { closed } from "../runtime/sentinel.ts";
import { type WaiterHost, unlink } from "../runtime/waiter.ts";

// A selection is used again with its waiters: once they are unlinked, nobody knows them. So many are kept, and so many
// waiters of each.
const MAX_SPARE = 256;
const MAX_CASES = 16;
const spare: Selection[] = [];

/** newSelection is an empty selection; free gives it back. */
export function newSelection(): Selection {
  return spare.pop() ?? new Selection();
}

/**
 * Selection is one select. While it waits it hangs on the context, and its cases stand in the queues of their channels;
 * the first of them that is completed takes all the others out.
 */
export class Selection extends Parked {
  readonly #waiters: CaseWaiter[] = [];
  // How many of the waiters are in use.
  #count = 0;

  override get waits(): string {
    return "for a case of a select";
  }

  /**
   * gather takes up the cases, each read once and in their order, and chooses one of those that are ready: each of them
   * with the same probability, since the n-th replaces the choice once in n times. null: none is ready.
   */
  gather(cases: Readonly<Record<string, unknown>>): CaseWaiter | null {
    let choice: CaseWaiter | null = null;
    let ready = 0;
    for (const key in cases) {
      const arm = cases[key];
      // A nil channel is never ready.
      if (arm === undefined || arm === null) continue;
      if (!(arm instanceof Arm))
        throw new TypeError(`chan: select: ${key} is no case: want a receiver, onSend(v), ctx.done, …`);
      const waiter = this.#add(key, arm);
      if (arm.ready() && (++ready === 1 || randomBelow(ready) === 0)) choice = waiter;
    }
    return choice;
  }

  #add(key: string, arm: Arm<unknown>): CaseWaiter {
    const waiter = (this.#waiters[this.#count] ??= new CaseWaiter(this));
    this.#count++;
    waiter.key = key;
    waiter.arm = arm;
    return waiter;
  }

  /** run does what a case that is ready stands for, and ends the selection. */
  run(choice: CaseWaiter): unknown {
    const { arm, key } = choice;
    this.free();
    // A waiter that was gathered has an arm.
    return { key, value: arm!.take() };
  }

  /** join parks all cases. */
  join(): void {
    for (let i = 0; i < this.#count; i++) {
      const waiter = this.#waiters[i]!;
      waiter.arm?.join(waiter);
    }
  }

  /** won ends the wait with a case whose waiter is unlinked already. */
  won(winner: CaseWaiter, value: unknown): void {
    const { key } = winner;
    unlink(this);
    this.#leave(winner);
    this.complete({ key, value });
    this.free();
  }

  /** lost ends the wait with the error of a case whose waiter is unlinked already. */
  lost(loser: CaseWaiter, err: unknown): void {
    unlink(this);
    this.#leave(loser);
    this.fail(err);
    this.free();
  }

  /** The context ended. */
  override wake(host: WaiterHost): void {
    this.#leave(null);
    this.fail(host.err);
    this.free();
  }

  #leave(except: CaseWaiter | null): void {
    for (let i = 0; i < this.#count; i++) {
      const waiter = this.#waiters[i]!;
      if (waiter !== except) waiter.arm?.leave(waiter);
    }
  }

  /** free gives back the selection and its waiters, all of them unlinked. */
  free(): void {
    for (let i = 0; i < this.#count; i++) {
      const waiter = this.#waiters[i]!;
      waiter.arm = null;
      waiter.value = undefined;
    }
    this.#count = 0;
    this.resolve = this.reject = null;
    if (this.#waiters.length > MAX_CASES) this.#waiters.length = MAX_CASES;
    if (spare.length < MAX_SPARE) spare.push(this);
  }
}

/** CaseWaiter is the wait of one case of a select. */
export class CaseWaiter extends Parked {
  key = "";
  arm: Arm<unknown> | null = null;
  readonly #selection: Selection;

  constructor(selection: Selection) {
    super();
    this.#selection = selection;
  }

  override complete(value: unknown): void {
    this.#selection.won(this, value);
  }

  override fail(err: unknown): void {
    this.#selection.lost(this, err);
  }

  /** The context whose end is the case has ended. If that has ended the select's own context too, that one comes first. */
  override wake(): void {
    const { host } = this.#selection;
    if (host === null || host.err === undefined) {
      this.complete(closed);
      return;
    }
    unlink(this.#selection);
    this.#selection.wake(host);
  }
}
