import { writeSync } from "node:fs";

/** LogOut is where lines go; each text is one or more whole lines. What it throws is swallowed and counted. */
export interface LogOut {
  write(text: string): unknown;
}

/** Sink takes finished lines and never throws. */
export interface Sink {
  /** dropped is how many lines were lost so far. */
  readonly dropped: number;
  /** full says that the next line may be dropped. */
  readonly full: boolean;
  /** write takes a line; one that is urgent is handed to the system before it returns, if the system takes it. */
  write(line: string, urgent: boolean): void;
  /** flush hands over what is held, and waits for a slow reader, but not for long. */
  flush(): void;
}

/** OutSink gives every line to a LogOut as it comes. */
export class OutSink implements Sink {
  dropped = 0;
  readonly full = false;
  readonly #out: LogOut;

  constructor(out: LogOut) {
    this.#out = out;
  }

  write(line: string): void {
    try {
      this.#out.write(line);
    } catch {
      this.dropped++;
    }
  }

  flush(): void {}
}

// 4 MB are some 20,000 lines: what a reader may lag behind before lines are dropped.
const MAX_HELD = 4 * 1024 * 1024;
// How soon a full pipe is tried again: at once if its reader reads, else at leisure.
const BUSY_RETRY_MS = 1;
const IDLE_RETRY_MS = 20;
// A process that is about to exit waits this long for its reader to read something, and this long in all.
const FLUSH_WAIT_MS = 500;
const FLUSH_MAX_MS = 5000;

/**
 * FdSink writes to a file descriptor: the lines of one turn of the event loop in one write, urgent ones at once, both
 * synchronously, so that no crash loses what was logged before it. A reader that lags (EAGAIN) delays nobody: lines are
 * held up to 4 MB, then dropped and counted. A reader that has gone (EPIPE) makes every later line a dropped one.
 */
export class FdSink implements Sink {
  dropped = 0;
  readonly #fd: number;
  #lines: string[] = [];
  // Characters in #lines; close enough to bytes for a bound.
  #held = 0;
  // What the system has not taken yet of the lines before #lines, and how many lines that is at most.
  #rest: Buffer = Buffer.alloc(0);
  #restLines = 0;
  #scheduled = false;
  #gone = false;
  // Whether the last drain got anything through.
  #moving = false;

  constructor(fd: number) {
    this.#fd = fd;
    process.on("exit", () => this.flush());
  }

  get full(): boolean {
    return this.#gone || this.#held + this.#rest.length > MAX_HELD / 2;
  }

  write(line: string, urgent: boolean): void {
    if (this.#gone || this.#held + this.#rest.length + line.length > MAX_HELD) {
      this.dropped++;
      return;
    }
    this.#lines.push(line);
    this.#held += line.length;
    if (urgent && this.#rest.length === 0) this.#drain();
    else this.#schedule();
  }

  flush(): void {
    const startedAt = performance.now();
    let movedAt = startedAt;
    while (!this.#drain()) {
      const now = performance.now();
      if (this.#moving) movedAt = now;
      if (now - movedAt >= FLUSH_WAIT_MS || now - startedAt >= FLUSH_MAX_MS) return;
      pause(1);
    }
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    // Held lines keep the process alive for this turn; a reader that lags does not, since exit flushes.
    if (this.#rest.length === 0) setImmediate(() => this.#run());
    else setTimeout(() => this.#run(), this.#moving ? BUSY_RETRY_MS : IDLE_RETRY_MS).unref();
  }

  #run(): void {
    this.#scheduled = false;
    if (!this.#drain()) this.#schedule();
  }

  // True when nothing is held any more.
  #drain(): boolean {
    if (this.#lines.length > 0) {
      this.#rest = Buffer.concat([this.#rest, Buffer.from(this.#lines.join(""))]);
      this.#restLines += this.#lines.length;
      this.#lines = [];
      this.#held = 0;
    }
    this.#moving = false;
    try {
      while (this.#rest.length > 0) {
        this.#rest = this.#rest.subarray(writeSync(this.#fd, this.#rest));
        this.#moving = true;
      }
    } catch (err) {
      const code = (err as NodeJS.ErrnoException).code;
      if (code === "EAGAIN") return false;
      // The reader has gone, or the disk is full: what is held cannot be written, the next line perhaps can.
      this.#gone = code === "EPIPE";
      this.dropped += this.#restLines;
      this.#rest = Buffer.alloc(0);
    }
    this.#restLines = 0;
    return true;
  }
}

// One sink per file descriptor: two would cut each other's lines.
const sinks = new Map<number, FdSink>();

/** standardSink is the process's one sink for stdout or stderr. */
export function standardSink(name: "stdout" | "stderr"): FdSink {
  const stream = process[name];
  // Reading the property above makes Node set a pipe to non-blocking: a full one gives EAGAIN instead of stopping us.
  const { fd } = stream;
  let sink = sinks.get(fd);
  if (sink === undefined) sinks.set(fd, (sink = new FdSink(fd)));
  return sink;
}

function pause(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}
