import { rt } from "./hook.ts";

/** Sleeping is who is woken by an alarm. */
export interface Sleeping {
  /** ring is called once, when the time is up. It must not throw. */
  ring(): void;
}

// The longest timer: setTimeout fires at once when it is given more than this.
const MAX_TIMER_MS = 2 ** 31 - 1;

const nativeTimeout = setTimeout;

// All alarms of the process, a heap of four children a node as Go's, the earliest first, under one timer of the event
// loop. To make and clear a timer for each wait would cost 0.3 µs, most of what a request's deadline costs otherwise.
const heap: Alarm[] = [];
let timeout: NodeJS.Timeout | undefined;
let firesAt = Infinity;

/**
 * Alarm rings once after a number of milliseconds of any size, never early, unless it is cleared. It keeps the process
 * alive until then. Where timers are replaced, by a test, it is one of those.
 */
export class Alarm {
  /** at is when it rings, on the clock of performance.now(). */
  readonly at: number;
  /** place is the index in the heap, -1 when the alarm has rung or was cleared. */
  place = -1;
  /** sleeping is who is woken. */
  readonly sleeping: Sleeping;
  #timeout: NodeJS.Timeout | NodeJS.Immediate | undefined = undefined;

  constructor(ms: number, sleeping: Sleeping) {
    const now = performance.now();
    this.at = now + ms;
    this.sleeping = sleeping;
    if (setTimeout === nativeTimeout && rt === null) insert(this, now);
    else {
      this.#setOwn(ms);
      if (rt !== null) rt.armed(this);
    }
  }

  /** clear takes the alarm back; no more than that if it has rung. */
  clear(): void {
    if (this.place >= 0) remove(this);
    else if (this.#timeout !== undefined) {
      // Each leaves alone what is not its own.
      clearTimeout(this.#timeout as NodeJS.Timeout);
      clearImmediate(this.#timeout as NodeJS.Immediate);
      if (rt !== null) rt.disarmed(this);
    }
  }

  #setOwn(ms: number): void {
    const left = ms - MAX_TIMER_MS;
    if (left > 0) this.#timeout = setTimeout(() => this.#setOwn(left), MAX_TIMER_MS);
    else if (ms > 0) this.#timeout = setTimeout(() => this.#ring(), Math.ceil(ms));
    // Where time stands still while anything can run, a timer of 0 ms would be one of 1 ms, and wait for all.
    else this.#timeout = setImmediate(() => this.#ring());
  }

  #ring(): void {
    if (rt !== null) rt.disarmed(this);
    this.sleeping.ring();
  }
}

/** pendingAlarms counts the alarms that have neither rung nor been cleared. */
export function pendingAlarms(): number {
  return heap.length;
}

function insert(alarm: Alarm, now: number): void {
  // Somebody waits again: the timer that was left behind keeps the process alive again.
  if (heap.length === 0) timeout?.ref();
  up(alarm, heap.length);
  // Less than a millisecond is below what a timer can tell.
  if (alarm.at <= firesAt - 1) start(alarm.at - now, now);
}

// The timer stays where it is, also for the first: to move it costs more than a look in vain.
function remove(alarm: Alarm): void {
  const hole = alarm.place;
  alarm.place = -1;
  const last = heap.pop();
  if (last !== undefined && last !== alarm) {
    if (hole > 0 && last.at < heap[(hole - 1) >> 2]!.at) up(last, hole);
    else down(last, hole);
  }
  if (heap.length === 0) timeout?.unref();
}

function start(ms: number, now: number): void {
  clearTimeout(timeout);
  const whole = Math.min(Math.max(1, Math.ceil(ms)), MAX_TIMER_MS);
  firesAt = now + whole;
  timeout = nativeTimeout(fire, whole);
}

function fire(): void {
  timeout = undefined;
  firesAt = Infinity;
  const now = performance.now();
  try {
    for (let first = heap[0]; first !== undefined && first.at <= now; first = heap[0]) {
      remove(first);
      first.sleeping.ring();
    }
  } finally {
    const first = heap[0];
    if (first !== undefined && firesAt === Infinity) start(first.at - now, now);
  }
}

function up(alarm: Alarm, from: number): void {
  let place = from;
  while (place > 0) {
    const parent = (place - 1) >> 2;
    const above = heap[parent]!;
    if (above.at <= alarm.at) break;
    heap[place] = above;
    above.place = place;
    place = parent;
  }
  heap[place] = alarm;
  alarm.place = place;
}

function down(alarm: Alarm, from: number): void {
  let place = from;
  for (;;) {
    const first = 4 * place + 1;
    if (first >= heap.length) break;
    let least = first;
    for (let child = first + 1; child < first + 4 && child < heap.length; child++) {
      if (heap[child]!.at < heap[least]!.at) least = child;
    }
    const below = heap[least]!;
    if (below.at >= alarm.at) break;
    heap[place] = below;
    below.place = place;
    place = least;
  }
  heap[place] = alarm;
  alarm.place = place;
}
