import type { Ctx } from "../context/index.ts";
import { type Attrs, logAttrs } from "./attrs.ts";
import { type Fixed, LOG_ERROR, fixedFields, mergeFields } from "./fields.ts";
import { type WriteLine, jsonLines } from "./json.ts";
import { LEVELS, type Level } from "./level.ts";
import { plainText } from "./plain.ts";
import { prettyLines } from "./pretty.ts";
import { redactor } from "./redact.ts";
import { type LogOut, OutSink, type Sink, standardSink } from "./sink.ts";

/**
 * Log writes lines. A call never throws and never waits; a line holds the attributes of its log, of its context and of
 * the call, where the later ones win. An Error is written with its code, reason, message, causes and stack; the usual
 * name for it is `err`. Source: Go's log/slog.
 */
export interface Log {
  debug(ctx: Ctx, msg: string, attrs?: Attrs): void;
  info(ctx: Ctx, msg: string, attrs?: Attrs): void;
  warn(ctx: Ctx, msg: string, attrs?: Attrs): void;
  error(ctx: Ctx, msg: string, attrs?: Attrs): void;
  /** with makes a log whose lines also carry these attributes. */
  with(attrs: Attrs): Log;
  /** enabled says whether lines of a level are written; ask before computing something expensive. */
  enabled(level: Level): boolean;
  /** level is the least urgent level that is written. */
  readonly level: Level;
  /**
   * setLevel changes the level from now on, of this log and of all that `with` has made of it or it of another: the
   * level is one for all of them. Source: Go's slog.LevelVar.
   */
  setLevel(level: Level): void;
  /**
   * flush writes what is held before it returns. It waits for a reader that reads for at most 5 seconds, for one that
   * does not for half a second.
   */
  flush(): void;
  /** dropped is how many lines were lost because nobody read them; told of after the next line that gets through. */
  readonly dropped: number;
}

/** LogOptions are the choices for newLog. */
export interface LogOptions {
  /** level is the least urgent level that is written. @default "info" */
  readonly level?: Level;
  /** format is one JSON object a line, or lines for a person. @default "json" */
  readonly format?: "json" | "pretty";
  /** out is where the lines go. @default "stdout" */
  readonly out?: "stdout" | "stderr" | LogOut;
  /** redact are names, beside those in REDACTED, whose values are written as "***". */
  readonly redact?: readonly string[];
}

/** newLog makes a log. Lines go out once per turn of the event loop, those of level error at once. */
export function newLog(options: LogOptions = {}): Log {
  const { level = "info", format = "json", out = "stdout", redact = [] } = options;
  const threshold = thresholdOf(level);
  const sink = typeof out === "string" ? standardSink(out) : new OutSink(out);
  const colors = typeof out === "string" && process[out].isTTY && process.env["NO_COLOR"] === undefined;
  const redacted = redactor(redact);
  const writeLine = format === "json" ? jsonLines(sink, redacted) : prettyLines(sink, redacted, colors);
  return new Logger({ threshold, sink, writeLine, redacted, reported: sink.dropped }, NO_FIELDS);
}

function thresholdOf(level: Level): number {
  const threshold = LEVELS.indexOf(level);
  if (threshold < 0) throw new RangeError(`log: level must be one of ${LEVELS.join(", ")}, not ${level as string}`);
  return threshold;
}

interface Core {
  /** threshold is the level's place in LEVELS. */
  threshold: number;
  readonly sink: Sink;
  readonly writeLine: WriteLine;
  readonly redacted: (name: string) => boolean;
  /** reported is how many dropped lines have been told of. */
  reported: number;
}

const NO_FIELDS = fixedFields({});

class Logger implements Log {
  readonly #core: Core;
  readonly #fixed: Fixed;

  constructor(core: Core, fixed: Fixed) {
    this.#core = core;
    this.#fixed = fixed;
  }

  // The numbers are the levels' places in LEVELS.
  debug(ctx: Ctx, msg: string, attrs?: Attrs): void {
    if (this.#core.threshold === 0) this.#write("debug", ctx, msg, attrs);
  }

  info(ctx: Ctx, msg: string, attrs?: Attrs): void {
    if (this.#core.threshold <= 1) this.#write("info", ctx, msg, attrs);
  }

  warn(ctx: Ctx, msg: string, attrs?: Attrs): void {
    if (this.#core.threshold <= 2) this.#write("warn", ctx, msg, attrs);
  }

  error(ctx: Ctx, msg: string, attrs?: Attrs): void {
    this.#write("error", ctx, msg, attrs);
  }

  with(attrs: Attrs): Log {
    return new Logger(this.#core, fixedFields(mergeFields(this.#fixed.fields, this.#core.redacted, attrs)));
  }

  enabled(level: Level): boolean {
    return LEVELS.indexOf(level) >= this.#core.threshold;
  }

  get level(): Level {
    // The threshold came from the list.
    return LEVELS[this.#core.threshold]!;
  }

  setLevel(level: Level): void {
    this.#core.threshold = thresholdOf(level);
  }

  flush(): void {
    this.#core.sink.flush();
  }

  get dropped(): number {
    return this.#core.sink.dropped;
  }

  #write(level: Level, ctx: Ctx, msg: string, attrs: Attrs | undefined): void {
    const core = this.#core;
    const { dropped } = core.sink;
    core.writeLine(level, plainText(msg), this.#fixed, attrsOf(ctx), attrs ?? undefined);
    if (dropped === core.reported || dropped !== core.sink.dropped || core.sink.full) return;
    core.writeLine("warn", "log: lines were dropped", NO_FIELDS, undefined, { dropped: dropped - core.reported });
    core.reported = dropped;
  }
}

// What throws on the way to the attributes costs them, and not the line.
function attrsOf(ctx: Ctx): Attrs | undefined {
  try {
    return ctx.get(logAttrs) ?? undefined;
  } catch (err) {
    return { [LOG_ERROR]: plainText(err) };
  }
}
