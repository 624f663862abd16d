import { fstatSync, write, writeSync } from "node:fs";

// Flushed when it is this full, or this old: a line costs an append, not a system call.
const FLUSH_CHARS = 16 * 1024;
const FLUSH_MS = 200;
// What waits for a destination that does not take it; more is dropped and counted.
const MAX_WAITING_CHARS = 1024 * 1024;
// A full pipe is tried again after this.
const RETRY_MS = 20;

/**
 * LineSink writes lines to a file descriptor. A file or a terminal takes them at once; a pipe or a socket may block, and
 * so is written to in the background, one write at a time, and blocks nobody. Lines that do not fit any more or cannot be
 * written are dropped and counted; a line says so when it goes on.
 */
export class LineSink {
  readonly #fd: number;
  readonly #droppedLine: (count: number) => string;
  readonly #mayBlock: boolean;
  #waiting = "";
  #lines = 0;
  #dropped = 0;
  #writing = false;
  #timer: NodeJS.Timeout | undefined = undefined;

  constructor(fd: number, droppedLine: (count: number) => string) {
    this.#fd = fd;
    this.#droppedLine = droppedLine;
    const stat = fstatSync(fd);
    this.#mayBlock = !stat.isFile() && !stat.isCharacterDevice();
  }

  /** add takes a line with its newline. */
  add(line: string): void {
    if (this.#waiting.length + line.length > MAX_WAITING_CHARS) {
      this.#dropped++;
      return;
    }
    this.#waiting += line;
    this.#lines++;
    if (this.#waiting.length >= FLUSH_CHARS) this.#start();
    else this.#timer ??= setTimeout(() => this.#start(), FLUSH_MS).unref();
  }

  /** dropped is how many lines have been dropped and not been told of yet. */
  get dropped(): number {
    return this.#dropped;
  }

  /**
   * flush writes what waits before it returns, as far as the destination takes it: for the end of the process. A write
   * that is under way is the system's already.
   */
  flush(): void {
    const bytes = this.#take();
    const lines = this.#lines;
    this.#lines = 0;
    try {
      for (let at = 0; at < bytes.length;) at += writeSync(this.#fd, bytes, at);
    } catch {
      this.#dropped += lines;
    }
  }

  #start(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (!this.#mayBlock) {
      this.flush();
    } else if (!this.#writing && this.#waiting !== "") {
      this.#writing = true;
      const bytes = this.#take();
      this.#write(bytes, this.#lines);
      this.#lines = 0;
    }
  }

  #write(bytes: Buffer, lines: number): void {
    write(this.#fd, bytes, 0, bytes.length, null, (err, written) => {
      if (err?.code === "EAGAIN") {
        setTimeout(() => this.#write(bytes, lines), RETRY_MS).unref();
        return;
      }
      if (err === null && written < bytes.length) {
        this.#write(bytes.subarray(written), lines);
        return;
      }
      if (err !== null) this.#dropped += lines;
      this.#writing = false;
      if (this.#waiting.length >= FLUSH_CHARS) this.#start();
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
}
