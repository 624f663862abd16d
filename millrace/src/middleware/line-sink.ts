import { write, writeSync } from "node:fs";

// Flushed when it is this full, or this old: a line costs an append, not a system call.
const FLUSH_CHARS = 16 * 1024;
const FLUSH_MS = 200;
// What waits for a destination that does not take it; more is dropped and counted.
const MAX_WAITING_CHARS = 1024 * 1024;
// A full pipe is tried again after this.
const RETRY_MS = 20;

/**
 * LineSink writes lines to a file descriptor in the background, never more than one write at a time, so that a blocked
 * destination blocks nobody. Lines that do not fit any more are dropped and counted; a line says so when it goes on.
 */
export class LineSink {
  readonly #fd: number;
  readonly #droppedLine: (count: number) => string;
  #waiting = "";
  // What the write under way has not written yet.
  #writing: Buffer | null = null;
  #timer: NodeJS.Timeout | null = null;
  #dropped = 0;

  constructor(fd: number, droppedLine: (count: number) => string) {
    this.#fd = fd;
    this.#droppedLine = droppedLine;
  }

  /** add takes a line with its newline. */
  add(line: string): void {
    if (this.#waiting.length + line.length > MAX_WAITING_CHARS) {
      this.#dropped++;
      return;
    }
    this.#waiting += line;
    if (this.#waiting.length >= FLUSH_CHARS) this.#start();
    else this.#timer ??= setTimeout(() => this.#start(), FLUSH_MS).unref();
  }

  /** dropped is how many lines have been dropped and not been reported yet. */
  get dropped(): number {
    return this.#dropped;
  }

  /** flush writes what waits before it returns, as far as the destination takes it; for the end of the process. */
  flush(): void {
    const rest = Buffer.concat([this.#writing ?? Buffer.alloc(0), this.#take()]);
    this.#writing = null;
    for (let at = 0; at < rest.length;) {
      try {
        at += writeSync(this.#fd, rest, at);
      } catch {
        // The process ends: there is nobody left to wait for a blocked or closed destination.
        return;
      }
    }
  }

  #start(): void {
    this.#clearTimer();
    if (this.#writing !== null) return;
    const bytes = this.#take();
    if (bytes.length === 0) return;
    this.#writing = bytes;
    this.#write(bytes);
  }

  #write(bytes: Buffer): void {
    write(this.#fd, bytes, 0, bytes.length, null, (err, written) => {
      // A flush has taken it over.
      if (this.#writing !== bytes) return;
      if (err?.code === "EAGAIN") {
        setTimeout(() => this.#write(bytes), RETRY_MS).unref();
        return;
      }
      const rest = err === null ? bytes.subarray(written) : Buffer.alloc(0);
      this.#writing = rest.length === 0 ? null : rest;
      if (rest.length > 0) this.#write(rest);
      else if (this.#waiting.length >= FLUSH_CHARS) this.#start();
      else if (this.#waiting !== "") this.#timer ??= setTimeout(() => this.#start(), FLUSH_MS).unref();
    });
  }

  #take(): Buffer {
    if (this.#dropped > 0) {
      this.#waiting += this.#droppedLine(this.#dropped);
      this.#dropped = 0;
    }
    const bytes = Buffer.from(this.#waiting, "utf8");
    this.#waiting = "";
    return bytes;
  }

  #clearTimer(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }
}
