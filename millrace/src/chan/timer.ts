import { Alarm, type Sleeping } from "../runtime/alarm.ts";
import { Arm, type RecvCase } from "../runtime/arm.ts";
import type { Parked } from "../runtime/parked.ts";
import { WaitQueue } from "../runtime/wait-queue.ts";

/**
 * Timer is a case of a select that gives, once, the Unix time in milliseconds at which its time was up. It runs from
 * the moment it is made, whether or not a select waits for it; only while one does, something is to be cleared.
 */
export interface Timer extends RecvCase<number>, Disposable {
  /** stop says whether it prevented the timer from giving its value; `using` stops too. */
  stop(): boolean;
  /** reset lets the timer give a value (again) after a number of milliseconds from now; it says what stop would. */
  reset(ms: number): boolean;
}

/** timer makes a Timer; 0 or less is up at once. Throws RangeError for NaN. Source: Go's time.NewTimer, since 1.23. */
export function timer(ms: number): Timer {
  return new TimerArm(ms);
}

/**
 * after is a case of a select that gives the Unix time, once, a number of milliseconds after it was made. Made inside
 * the select it limits one wait; made before a loop, all waits together. Source: Go's time.After.
 */
export function after(ms: number): RecvCase<number> {
  return new TimerArm(ms);
}

class TimerArm extends Arm<number> implements Timer, Sleeping {
  readonly #waiters: WaitQueue = new WaitQueue();
  // When it is up, on the clock that never goes back; Infinity once the value was taken or the timer stopped.
  #at = Infinity;
  // Set only while a select waits.
  #alarm: Alarm | null = null;

  constructor(ms: number) {
    super();
    this.#set(ms);
  }

  ready(): boolean {
    // Who waits already is about to get the value, in the next turn of the event loop.
    return this.#waiters.empty && performance.now() >= this.#at;
  }

  take(): number {
    const late = performance.now() - this.#at;
    this.#at = Infinity;
    return Date.now() - late;
  }

  join(waiter: Parked): void {
    this.#waiters.push(waiter);
    if (this.#alarm === null) this.#arm();
  }

  leave(waiter: Parked): void {
    waiter.queue?.remove(waiter);
    if (this.#waiters.empty) this.#disarm();
  }

  stop(): boolean {
    const prevented = this.#at !== Infinity;
    this.#at = Infinity;
    this.#disarm();
    return prevented;
  }

  reset(ms: number): boolean {
    const prevented = this.stop();
    this.#set(ms);
    if (!this.#waiters.empty) this.#arm();
    return prevented;
  }

  [Symbol.dispose](): void {
    this.stop();
  }

  #set(ms: number): void {
    if (Number.isNaN(ms)) throw new RangeError("chan: timer: milliseconds must be a number, not NaN");
    this.#at = performance.now() + ms;
  }

  #arm(): void {
    if (this.#at !== Infinity) this.#alarm = new Alarm(this.#at - performance.now(), this);
  }

  #disarm(): void {
    this.#alarm?.clear();
    this.#alarm = null;
  }

  /** ring is called when the time is up while a select waits. */
  ring(): void {
    this.#alarm = null;
    // There is one value, and it goes to who has waited longest.
    this.#waiters.shift()?.complete(this.take());
  }
}
