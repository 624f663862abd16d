/** EPOCH is when every virtual clock starts: 2000-01-01T00:00:00Z in Unix milliseconds, as in Go's testing/synctest. */
export const EPOCH = 946_684_800_000;

/** VirtualTimer is a timer of a virtual clock. */
export interface VirtualTimer {
  /** at is when it fires, in milliseconds since the clock's start. */
  at: number;
  readonly ms: number;
  readonly fire: () => void;
  /** repeat says that it is an interval. */
  readonly repeat: boolean;
  /** lane: of the timers that are due at once and share a lane, only the oldest may fire, as in Node. */
  readonly lane: string;
  /** setIn is what has set it, as the clock's owner says. */
  setIn: unknown;
  /** ref says whether it would keep a process alive. */
  ref: boolean;
  /** open is false once it has fired for the last time, or was cleared. */
  open: boolean;
}

/** TimerOptions describes a timer. */
export interface TimerOptions {
  readonly repeat?: boolean;
  readonly lane?: string;
}

/** VirtualClock is time that moves only when it is told to, and then straight to the next timer. */
export class VirtualClock {
  /** elapsed is how many milliseconds have passed since the start. */
  elapsed = 0;
  // The earliest first; of equal ones, the one that was set first.
  readonly #timers: VirtualTimer[] = [];
  readonly #here: () => unknown;

  /** here says what sets a timer. */
  constructor(here: () => unknown = () => undefined) {
    this.#here = here;
  }

  /** now is the time of day, Unix milliseconds. */
  get now(): number {
    return EPOCH + this.elapsed;
  }

  /** timers lists what is open, the earliest first. */
  get timers(): readonly VirtualTimer[] {
    return this.#timers;
  }

  /** set opens a timer. */
  set(ms: number, fire: () => void, options: TimerOptions = {}): VirtualTimer {
    const { repeat = false, lane = `timeout ${ms}` } = options;
    const timer = { at: this.elapsed + ms, ms, fire, repeat, lane, setIn: undefined, ref: true, open: true };
    this.#insert(timer);
    return timer;
  }

  /** clear closes a timer; no more than that if it has fired. */
  clear(timer: VirtualTimer): void {
    timer.open = false;
    const place = this.#timers.indexOf(timer);
    if (place >= 0) this.#timers.splice(place, 1);
  }

  /** refresh starts a timer anew, also one that has fired. */
  refresh(timer: VirtualTimer): void {
    this.clear(timer);
    timer.open = true;
    timer.at = this.elapsed + timer.ms;
    this.#insert(timer);
  }

  /** advance moves the time to the earliest timer's; false if there is none. */
  advance(): boolean {
    const first = this.#timers[0];
    if (first === undefined) return false;
    this.elapsed = Math.max(this.elapsed, first.at);
    return true;
  }

  /** due lists the timers that may fire now, in the order in which Node would fire them: the oldest of each lane. */
  due(): VirtualTimer[] {
    const lanes = new Set<string>();
    const due: VirtualTimer[] = [];
    for (const timer of this.#timers) {
      if (timer.at > this.elapsed) break;
      if (lanes.has(timer.lane)) continue;
      lanes.add(timer.lane);
      due.push(timer);
    }
    return due;
  }

  /** fire runs a timer that is due. */
  fire(timer: VirtualTimer): void {
    this.clear(timer);
    if (timer.repeat) {
      timer.open = true;
      timer.at = this.elapsed + timer.ms;
      this.#insert(timer);
    }
    timer.fire();
  }

  #insert(timer: VirtualTimer): void {
    timer.setIn = this.#here();
    let place = this.#timers.length;
    while (place > 0 && this.#timers[place - 1]!.at > timer.at) place--;
    this.#timers.splice(place, 0, timer);
  }
}
