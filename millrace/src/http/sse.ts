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
  /** heartbeatMs is after how long a silence a comment is sent, so that nobody between takes the connection for dead. Default: 15,000. */
  readonly heartbeatMs?: number;
}

/**
 * sse answers with an event stream, as fast as the client takes it: the next event is asked for when the last one has been
 * written. It ends with the source, or with ctx, and then returns the source; one that waits should wait with ctx. The
 * route needs `timeout(0)`, or a page connects again at each deadline. Throws for an event or id with a line end.
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
  const iterator = source[Symbol.asyncIterator]();
  let over = false;
  try {
    // So that a page sees at once that it is connected.
    yield HEARTBEAT;
    for (let next = iterator.next(); ;) {
      const result = await silence(ctx, next, heartbeatMs);
      if (ctx.err !== undefined) return;
      if (result === undefined) {
        yield HEARTBEAT;
        continue;
      }
      over = result.done === true;
      if (result.done === true) return;
      yield frameOf(result.value);
      next = iterator.next();
    }
  } finally {
    // It may wait for long, and its error has nowhere to go.
    if (!over) void iterator.return?.().catch(() => undefined);
  }
}

// What comes, or undefined when nothing came for so long or ctx has ended.
async function silence<T>(ctx: Ctx, next: Promise<T>, ms: number): Promise<T | undefined> {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => resolve(undefined), ms);
  using _ = afterDone(ctx, () => resolve(undefined));
  try {
    return await Promise.race([next, promise]);
  } finally {
    clearTimeout(timer);
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
