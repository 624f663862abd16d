import { rt } from "./hook.ts";

// Two tasks that hand values to each other never leave the microtask queue, and timers and I/O wait until they do. So
// when the event loop has not turned for a slice of time, wake-ups wait until it has: 4 µs a slice. The clock is read
// once in so many steps, and whoever leaves the queue by himself is never held up.
const STEPS = 128;
const SLICE_MS = 1;

// Taken when the module loads: a test that mocks timers must not stop every task.
const turn = setImmediate;
const clock = performance;
const DONE: Promise<void> = Promise.resolve();

let left = STEPS;
// Since when a turn of the event loop is awaited; undefined when none is.
let since: number | undefined;
// While the slice is over, all wake-ups line up here, in order.
let waiting: (() => void)[] | null = null;

/** handOff wakes a waiter with a value, or with an error; if the slice is over, only in the next turn of the event loop. */
export function handOff<T>(settle: (value: T) => void, value: T): void {
  if (--left >= 0 || inTime()) settle(value);
  else postpone(settle, value);
}

/** ready is a promise of what need not be waited for; it counts like a hand-off, so that no loop of them starves others. */
export function ready<T>(value: T): Promise<T> {
  return --left >= 0 || inTime() ? Promise.resolve(value) : postponed(value);
}

/** done is ready(undefined) without an allocation. */
export function done(): Promise<void> {
  return --left >= 0 || inTime() ? DONE : ready(undefined);
}

// The steps are used up: more of them if the slice is not. Who schedules a program for a test is the event loop then.
function inTime(): boolean {
  if (rt !== null) return true;
  if (waiting !== null) return false;
  const now = clock.now();
  if (since === undefined) {
    since = now;
    turn(turned);
  } else if (now - since > SLICE_MS) {
    return false;
  }
  left = STEPS;
  return true;
}

function turned(): void {
  const all = waiting;
  since = undefined;
  waiting = null;
  left = STEPS;
  if (all !== null) for (const wake of all) wake();
}

function postponed<T>(value: T): Promise<T> {
  return new Promise((resolve) => postpone(resolve, value));
}

// The closure is made here and not above: a function that makes one pays for it on every path.
function postpone<T>(settle: (value: T) => void, value: T): void {
  (waiting ??= []).push(() => settle(value));
}
