import type { Ctx } from "../context/index.ts";
import { type Reply, type Req, type Router, json } from "../http/index.ts";
import { LEVELS, type Level, type Log } from "../log/index.ts";
import { formatDuration, parseDuration } from "../time/index.ts";
import { invalid } from "./query.ts";

// Longer is no longer "for a while", and not what a forgotten change should last.
const MAX_MS = 24 * 3_600_000;

/** LogLevel shows a log's level and changes it, for a while or for good. */
export class LogLevel {
  readonly #log: Log;
  // The level to go back to, and when.
  #back: { readonly level: Level; readonly timer: NodeJS.Timeout; readonly at: number } | undefined = undefined;

  constructor(log: Log) {
    this.#log = log;
  }

  /** routes adds /debug/log. */
  routes(router: Router): void {
    router.get("/debug/log", () => this.#shown());
    router.put("/debug/log", (ctx, req) => this.#put(ctx, req));
  }

  /** restore ends a change that was for a while. */
  restore(): void {
    if (this.#back === undefined) return;
    clearTimeout(this.#back.timer);
    this.#log.setLevel(this.#back.level);
    this.#back = undefined;
  }

  async #put(ctx: Ctx, req: Req): Promise<Reply> {
    const body = ((await req.json()) ?? {}) as { readonly level?: unknown; readonly for?: unknown };
    const level = LEVELS.find((each) => each === body.level);
    if (level === undefined) throw invalid("level", `must be one of ${LEVELS.join(", ")}`);
    const ms = body.for === undefined ? undefined : durationOf(body.for);
    // Of two changes for a while, the level before both is what it goes back to.
    this.restore();
    const before = this.#log.level;
    this.#log.setLevel(level);
    if (ms !== undefined) {
      const timer = setTimeout(() => this.restore(), ms).unref();
      this.#back = { level: before, timer, at: Date.now() + ms };
    }
    const during = ms === undefined ? "until it is changed" : formatDuration(ms);
    this.#log.warn(ctx, "admin: the log's level was changed", { from: before, to: level, for: during });
    return this.#shown();
  }

  #shown(): Reply {
    const back = this.#back;
    const until = back === undefined ? null : new Date(back.at).toISOString();
    return json({ level: this.#log.level, until, then: back?.level ?? null });
  }
}

function durationOf(value: unknown): number {
  let ms = 0;
  try {
    ms = parseDuration(String(value));
  } catch {
    // It is told below, with the field's name.
  }
  if (!(ms >= 1 && ms <= MAX_MS))
    throw invalid("for", `must be a duration from 1ms to ${formatDuration(MAX_MS)}, as "5m"`);
  return ms;
}
