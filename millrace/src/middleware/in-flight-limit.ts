import { type Ctx, withTimeout } from "../context/index.ts";
import { nodeOf, park } from "../context/node.ts";
import { Failure, is } from "../errors/index.ts";
import { type Handler, type Middleware, Reply, type Req, middleware, problem } from "../http/index.ts";
import { Parked } from "../runtime/parked.ts";
import { type QueueOwner, WaitQueue } from "../runtime/wait-queue.ts";
import { type Clock, systemClock } from "../time/index.ts";
import { Gradient } from "./gradient.ts";

/** InFlightLimitOptions says how much is done at once, and how many may wait. */
export interface InFlightLimitOptions {
  /** limit is how many requests run at once; with adaptive it is where the search begins. */
  readonly limit: number;
  /** queue is how many wait for their turn, first come, first served; the next is shed. Default: as many as limit. */
  readonly queue?: number;
  /** queueTimeoutMs is how long one waits before it is shed. Default: 1000: who waits longer is answered in vain. */
  readonly queueTimeoutMs?: number;
  /** retryAfterSeconds is what who is shed is told. Default: 1. */
  readonly retryAfterSeconds?: number;
  /**
   * adaptive moves the limit between min and max by how long requests take: up while they are about as quick as usual,
   * down when they get slower, since then more at once only wait for each other. It is for routes whose requests are
   * alike.
   */
  readonly adaptive?: { readonly min: number; readonly max: number };
  /** clock is for tests. */
  readonly clock?: Clock;
}

/**
 * inFlightLimit bounds how many requests run at once; a bounded number waits, and who finds the queue full or waits too
 * long is shed with 503 and Retry-After, which costs next to nothing. A request runs until its handler has ended, also
 * when its client has been answered before, and a stream until it has been sent. Used twice, each has its own count.
 */
export function inFlightLimit(options: InFlightLimitOptions): Middleware {
  const { limit, queue = limit, queueTimeoutMs = 1000, retryAfterSeconds = 1, adaptive, clock = systemClock } = options;
  for (const [name, value, least] of [
    ["limit", limit, 1],
    ["queue", queue, 0],
    ["queueTimeoutMs", queueTimeoutMs, 1],
    ["retryAfterSeconds", retryAfterSeconds, 1],
    ["adaptive.min", adaptive?.min ?? 1, 1],
    ["adaptive.max", adaptive?.max ?? limit, Math.max(limit, adaptive?.min ?? 1)],
  ] as const) {
    if (!Number.isSafeInteger(value) || value < least)
      throw new RangeError(`inFlightLimit: ${name} must be at least ${least}, not ${value}`);
  }
  const gradient = adaptive === undefined ? undefined : new Gradient({ initial: limit, ...adaptive });
  const gate = new Gate(limit, queue, gradient);
  const retryAfter = String(retryAfterSeconds);
  const shed = (req: Req): Reply => problem(req, OVERLOADED).header("retry-after", retryAfter);

  return middleware({}, (next) => {
    const run = (ctx: Ctx, req: Req): ReturnType<Handler> => {
      const began = clock.elapsed();
      const done = (): void => {
        const now = clock.elapsed();
        gate.leave(now, now - began);
      };
      let result;
      try {
        result = next(ctx, req);
      } catch (err) {
        done();
        throw err;
      }
      if (!(result instanceof Promise)) return settled(ctx, req, result, done);
      return later(ctx, req, result, done);
    };
    const wait = async (ctx: Ctx, req: Req): Promise<Reply | Response> => {
      using bounded = withTimeout(ctx, queueTimeoutMs);
      try {
        await gate.turn(bounded);
      } catch (err) {
        // The request's own end is its caller's answer.
        ctx.throwIfDone();
        if (is(err, "deadline_exceeded")) return shed(req);
        throw err;
      }
      return run(ctx, req);
    };
    return (ctx, req) => {
      if (gate.enter()) return run(ctx, req);
      return gate.isFull ? shed(req) : wait(ctx, req);
    };
  });
}

const OVERLOADED = new Failure("http: too many requests in flight", {
  code: "unavailable",
  reason: "http/overloaded",
  detail: "The service is overloaded; see Retry-After.",
});

async function later(
  ctx: Ctx,
  req: Req,
  pending: Promise<Reply | Response>,
  done: () => void,
): Promise<Reply | Response> {
  let answer;
  try {
    answer = await pending;
  } catch (err) {
    done();
    throw err;
  }
  return settled(ctx, req, answer, done);
}

// A stream runs on after its handler, until the exchange is over. One whose context has ended is not sent any more.
function settled(ctx: Ctx, req: Req, answer: Reply | Response, done: () => void): Reply | Response {
  const { body } = answer;
  const streams = body !== null && typeof body !== "string" && !(body instanceof Uint8Array);
  if (streams && ctx.err === undefined) req.onFinish(done);
  else done();
  return answer;
}

/** Gate counts who is inside, and lets in who waits when somebody leaves. */
class Gate implements QueueOwner {
  readonly waits = "for its turn among the requests in flight";
  readonly #fixed: number;
  readonly #gradient: Gradient | undefined;
  readonly #maxWaiting: number;
  readonly #queue: WaitQueue = new WaitQueue(this);
  #running = 0;
  #waiting = 0;

  constructor(limit: number, maxWaiting: number, gradient: Gradient | undefined) {
    this.#fixed = limit;
    this.#maxWaiting = maxWaiting;
    this.#gradient = gradient;
  }

  get isFull(): boolean {
    return this.#waiting >= this.#maxWaiting;
  }

  enter(): boolean {
    if (this.#running >= this.#limit || !this.#queue.empty) return false;
    this.#running++;
    return true;
  }

  /** turn waits to be let in. */
  async turn(ctx: Ctx): Promise<void> {
    ctx.throwIfDone();
    const waiter = new Parked();
    const promise = waiter.promise<void>();
    this.#queue.push(waiter);
    park(nodeOf(ctx), waiter);
    this.#waiting++;
    try {
      await promise;
    } finally {
      this.#waiting--;
    }
  }

  leave(now: number, ms: number): void {
    this.#gradient?.sample(now, ms, this.#running);
    this.#running--;
    this.admit();
  }

  admit(): void {
    while (this.#running < this.#limit) {
      const waiter = this.#queue.first();
      if (waiter === null) return;
      this.#queue.shift();
      this.#running++;
      waiter.complete(undefined);
    }
  }

  get #limit(): number {
    return this.#gradient?.limit ?? this.#fixed;
  }
}
