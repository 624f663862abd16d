import type { Ctx } from "../context/index.ts";

/** OtlpLog is where an exporter says what is lost. */
export interface OtlpLog {
  warn(ctx: Ctx, message: string, attrs?: Readonly<Record<string, unknown>>): void;
}

const QUIET_MS = 60_000;

/** Losses tells a log of losses, at most once a minute, and never throws. */
export class Losses {
  readonly #log: OtlpLog | undefined;
  #toldAt = -Infinity;

  constructor(log: OtlpLog | undefined) {
    this.#log = log;
  }

  /** tell writes a line, unless there was one in the last minute. */
  tell(ctx: Ctx, message: string, attrs: Readonly<Record<string, unknown>>): void {
    if (performance.now() - this.#toldAt < QUIET_MS) return;
    this.#toldAt = performance.now();
    try {
      this.#log?.warn(ctx, message, attrs);
    } catch {
      // A log that throws must not break what it tells of.
    }
  }
}
