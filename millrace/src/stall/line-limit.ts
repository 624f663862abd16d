import type { Line } from "./line.ts";
import type { StallLog } from "./watch-stalls.ts";

const WINDOW_MS = 1000;

/** LineLimit writes a line at once, and then for a second none: of what comes meanwhile, the longest at its end. */
export class LineLimit {
  readonly #log: StallLog;
  #openAt = -Infinity;
  #held: Line | undefined = undefined;
  #heldMs = 0;
  #others = 0;

  constructor(log: StallLog) {
    this.#log = log;
  }

  add(durationMs: number, line: Line): void {
    if (performance.now() >= this.#openAt && this.#held === undefined) {
      this.#write(line);
      return;
    }
    if (this.#held !== undefined) this.#others++;
    if (this.#held !== undefined && durationMs <= this.#heldMs) return;
    this.#held = line;
    this.#heldMs = durationMs;
  }

  /** tick writes what was held, when its time has come. */
  tick(now: number): void {
    if (this.#held !== undefined && now >= this.#openAt) this.flush();
  }

  /** flush writes what was held. */
  flush(): void {
    if (this.#held === undefined) return;
    const { ctx, attrs } = this.#held;
    this.#held = undefined;
    this.#write({ ctx, attrs: this.#others === 0 ? attrs : { ...attrs, others: this.#others } });
    this.#others = 0;
  }

  #write({ ctx, attrs }: Line): void {
    this.#openAt = performance.now() + WINDOW_MS;
    this.#log.warn(ctx, "event loop stall", attrs);
  }
}
