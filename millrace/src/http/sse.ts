import { type Ctx, afterDone } from "../context/index.ts";
import { Reply } from "./reply.ts";
import type { Req } from "./req.ts";

/** SseEvent is one event; a comment is nothing to a page, and keeps a connection alive. */
export interface SseEvent {
  /** data is text; lines may end in any way. JSON is the sender's to make. */
  readonly data?: string;
  /** event is the type that the page listens for. Default: "message". */
  readonly event?: string;
  /** id is what a page that connects again sends as Last-Event-ID. */
  readonly id?: string;
  /** retryMs is how long the page waits before it connects again. */
  readonly retryMs?: number;
  readonly comment?: string;
}

/** SseOptions says what is not the usual of an event stream. */
export interface SseOptions {
  /**
   * heartbeatMs is after how long a silence a comment is sent, so that nobody between takes the connection for dead.
   * Default: 15,000.
   */
  readonly heartbeatMs?: number;
}

/**
 * sse answers with an event stream, as fast as the client takes it: the next event is asked for when the last one has
 * been written. It ends with the source, or with ctx, and then returns the source; one that waits should wait with ctx.
 * The route needs `timeout(0)`, or a page connects again at each deadline. Throws for an event or id with a line end.
 * Source: https://html.spec.whatwg.org/multipage/server-sent-events.html
 */
export function sse(ctx: Ctx, source: AsyncIterable<SseEvent>, options: SseOptions = {}): Reply {
  const { heartbeatMs = 15_000 } = options;
  if (!Number.isSafeInteger(heartbeatMs) || heartbeatMs < 1) {
    throw new RangeError(`sse: heartbeatMs must be at least 1, not ${heartbeatMs}`);
  }
  return new Reply(200, "text/event-stream", framesOf(ctx, source, heartbeatMs))
    .header("cache-control", "no-store")
    .header("x-accel-buffering", "no");
}

/** lastEventId is the id of the last event that a page has seen, undefined when it comes for the first time. */
export function lastEventId(req: Req): string | undefined {
  const header = req.header("last-event-id");
  // It is UTF-8, of which Node has made one character of each byte.
  return header === undefined ? undefined : Buffer.from(header, "latin1").toString();
}

const HEARTBEAT = ":\n\n";

async function* framesOf(ctx: Ctx, source: AsyncIterable<SseEvent>, heartbeatMs: number): AsyncGenerator<string> {
  const next = new Next(source);
  try {
    // So that a page sees at once that it is connected.
    yield HEARTBEAT;
    for (;;) {
      const result = await next.within(ctx, heartbeatMs);
      if (ctx.err !== undefined || result?.done === true) return;
      yield result === undefined ? HEARTBEAT : frameOf(result.value);
    }
  } finally {
    next.close();
  }
}

/** Next waits for a source's next event, for as long as is wanted at a time. */
class Next {
  readonly #iterator: AsyncIterator<SseEvent>;
  // The one call of next that is under way; its outcome waits here for whoever asks again.
  #pending = false;
  #outcome: { readonly result?: IteratorResult<SseEvent>; readonly err?: unknown } | undefined = undefined;
  #wake: () => void = () => undefined;
  #over = false;

  constructor(source: AsyncIterable<SseEvent>) {
    this.#iterator = source[Symbol.asyncIterator]();
  }

  /** within is what comes, undefined when nothing came for so long or ctx has ended. */
  async within(ctx: Ctx, ms: number): Promise<IteratorResult<SseEvent> | undefined> {
    if (!this.#pending) {
      this.#pending = true;
      void this.#ask();
    }
    if (this.#outcome === undefined) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#wake = resolve;
      const timer = setTimeout(resolve, ms);
      using _ = afterDone(ctx, resolve);
      await promise;
      clearTimeout(timer);
    }
    const outcome = this.#outcome;
    if (outcome === undefined) return undefined;
    this.#outcome = undefined;
    this.#pending = false;
    this.#over = outcome.result === undefined || outcome.result.done === true;
    if (outcome.result === undefined) throw outcome.err;
    return outcome.result;
  }

  /** close returns the source, if it has not ended: it may wait for long, and its error has nowhere to go. */
  close(): void {
    if (!this.#over) void this.#iterator.return?.().catch(() => undefined);
  }

  async #ask(): Promise<void> {
    try {
      this.#outcome = { result: await this.#iterator.next() };
    } catch (err) {
      this.#outcome = { err };
    }
    this.#wake();
  }
}

function frameOf({ comment, event, id, retryMs, data }: SseEvent): string {
  let out = "";
  if (comment !== undefined) out += lines(": ", comment);
  if (retryMs !== undefined) out += `retry: ${Math.max(0, Math.trunc(retryMs))}\n`;
  if (id !== undefined) out += `id: ${oneLine("id", id)}\n`;
  if (event !== undefined) out += `event: ${oneLine("event", event)}\n`;
  if (data !== undefined) out += lines("data: ", data);
  return `${out}\n`;
}

function lines(start: string, text: string): string {
  return text
    .split(/\r\n|\r|\n/)
    .map((line) => `${start}${line}\n`)
    .join("");
}

// A NUL in an id makes the page ignore it.
function oneLine(field: string, text: string): string {
  // oxlint-disable-next-line no-control-regex
  if (/[\r\n\0]/.test(text)) throw new TypeError(`http: sse: ${field} must be one line, without NUL`);
  return text;
}
