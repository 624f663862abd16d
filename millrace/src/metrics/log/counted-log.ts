import type { Ctx } from "../../context/index.ts";
import type { Attrs, Level, Log } from "../../log/index.ts";
import type { Counter, Registry } from "../index.ts";

/**
 * countLines is a log that writes to another one and counts: lines by level, those that are below the log's level not, and
 * at each scrape those that were lost. `const log = countLines(registry, newLog())`, before others are made of it by `with`.
 */
export function countLines(registry: Registry, log: Log): Log {
  const lines = registry.counterVec("log_lines_total", { help: "Lines that were logged.", labels: ["level"] });
  registry
    .counter("log_dropped_lines_total", { help: "Lines that were lost because nobody read them." })
    .readFrom(() => log.dropped);
  const of = (level: Level): Counter => lines.labels({ level });
  return new CountedLog(log, { debug: of("debug"), info: of("info"), warn: of("warn"), error: of("error") });
}

class CountedLog implements Log {
  readonly #log: Log;
  readonly #lines: Readonly<Record<Level, Counter>>;

  constructor(log: Log, lines: Readonly<Record<Level, Counter>>) {
    this.#log = log;
    this.#lines = lines;
  }

  debug(ctx: Ctx, msg: string, attrs?: Attrs): void {
    this.#count("debug");
    this.#log.debug(ctx, msg, attrs);
  }

  info(ctx: Ctx, msg: string, attrs?: Attrs): void {
    this.#count("info");
    this.#log.info(ctx, msg, attrs);
  }

  warn(ctx: Ctx, msg: string, attrs?: Attrs): void {
    this.#count("warn");
    this.#log.warn(ctx, msg, attrs);
  }

  error(ctx: Ctx, msg: string, attrs?: Attrs): void {
    this.#count("error");
    this.#log.error(ctx, msg, attrs);
  }

  with(attrs: Attrs): Log {
    return new CountedLog(this.#log.with(attrs), this.#lines);
  }

  enabled(level: Level): boolean {
    return this.#log.enabled(level);
  }

  get level(): Level {
    return this.#log.level;
  }

  setLevel(level: Level): void {
    this.#log.setLevel(level);
  }

  flush(): void {
    this.#log.flush();
  }

  get dropped(): number {
    return this.#log.dropped;
  }

  #count(level: Level): void {
    if (this.#log.enabled(level)) this.#lines[level].inc();
  }
}
