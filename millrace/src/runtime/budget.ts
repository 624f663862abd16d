// Two tasks that hand values to each other never leave the microtask queue, and timers and I/O wait until they do. So
// after a slice of time the next wake-ups take the way through the event loop. The clock is read once in so many steps:
// fast tasks pay 4 µs a slice, slow ones do not hold the loop for a thousand steps.
const STEPS = 64;
const SLICE_MS = 1;

// Taken when the module loads: a test that mocks timers must not stop every task.
const turn = setImmediate;
const clock = performance;
const DONE: Promise<void> = Promise.resolve();

let left = STEPS;
let turnedAt = 0;
// While a turn of the event loop is awaited, all wake-ups line up here, in order.
let waiting: (() => void)[] | null = null;

/** handOff wakes a waiter with a value; after a slice of time only in the next turn of the event loop. */
export function handOff<T>(resolve: (value: T) => void, value: T): void {
  if (--left >= 0 || inTime()) resolve(value);
  else postpone(resolve, value);
}

/** ready is a promise of what need not be waited for; it counts like a hand-off, so that no loop of them starves others. */
export function ready<T>(value: T): Promise<T> {
  return --left >= 0 || inTime() ? Promise.resolve(value) : postponed(value);
}

/** done is ready(undefined) without an allocation. */
export function done(): Promise<void> {
  return --left >= 0 || inTime() ? DONE : ready(undefined);
}

// The steps are used up: more of them if the slice is not.
function inTime(): boolean {
  if (waiting !== null || clock.now() - turnedAt > SLICE_MS) return false;
  left = STEPS;
  return true;
}

function postponed<T>(value: T): Promise<T> {
  return new Promise((resolve) => postpone(resolve, value));
}

// Closures are made here and not above: a function that makes one pays for it on every path.
function postpone<T>(resolve: (value: T) => void, value: T): void {
  if (waiting === null) {
    waiting = [];
    turn(release);
  }
  waiting.push(() => resolve(value));
}

function release(): void {
  const all = waiting ?? [];
  waiting = null;
  left = STEPS;
  turnedAt = clock.now();
  for (const wake of all) wake();
}
