import { Failure, is, sentinel } from "../../errors/index.ts";
import { runAs } from "../../runtime/current.ts";
import { formatDuration } from "../../time/index.ts";
import { ClientDisconnected } from "../failure.ts";
import { replyOf } from "../from-response.ts";
import type { Handler } from "../handler.ts";
import { problem } from "../problem.ts";
import { Reply } from "../reply.ts";
import type { FinishHook } from "../req.ts";
import { readBody, readChunks } from "./body.ts";
import { shutdownFailure } from "./engine.ts";
import type { Live, RequestInFlight } from "./live.ts";
import { cancelBody } from "./pump.ts";
import { webRequest } from "./web.ts";
import { WireExchange } from "./wire.ts";

const EXCHANGE_OVER = sentinel("http/exchange_over", "canceled", "http: the exchange is over");
// One for all: it says nothing of a particular client.
const DISCONNECTED = new ClientDisconnected();

/**
 * ServedExchange is an exchange that the server sees to, whatever the protocol. It goes open → (streaming →) answered once, by the first of:
 * the handler's answer, the deadline, the shutdown, the client's leaving. It is in flight until it is answered and its
 * handler has settled.
 */
export abstract class ServedExchange extends WireExchange implements Live {
  before: Live | null = null;
  after: Live | null = null;

  #phase: "open" | "streaming" | "answered" = "open";
  #settled = false;

  bytes(): Promise<Uint8Array> {
    return readBody(this);
  }

  chunks(): AsyncIterable<Uint8Array> {
    return readChunks(this);
  }

  /** run calls the handler and sees to its answer. */
  run(handler: Handler = this.engine.handler): void {
    this.engine.live.enter(this);
    let result: Reply | Response | Promise<Reply | Response>;
    try {
      result = runAs(this, handler, this, this);
    } catch (err) {
      this.#settle();
      this.#fail(err);
      return;
    }
    if (result instanceof Promise) {
      void this.#later(result);
    } else {
      this.#settle();
      this.#answer(result);
    }
  }

  /** refuse answers with a failure; no handler sees the request, and nothing is logged. */
  refuse(failure: Failure): void {
    this.run(() => problem(this, failure));
  }

  async #later(result: Promise<Reply | Response>): Promise<void> {
    let reply: Reply | Response;
    try {
      reply = await result;
    } catch (err) {
      this.#settle();
      this.#fail(err);
      return;
    }
    this.#settle();
    this.#answer(reply);
  }

  #settle(): void {
    this.#settled = true;
    if (this.#phase === "answered") this.#over();
  }

  #answer(result: Reply | Response): void {
    try {
      const reply = result instanceof Reply ? result : replyOf(result);
      if (this.#phase === "open") this.#deliver(reply);
      else cancelBody(reply.body, this.err);
    } catch (err) {
      this.#fail(err);
    }
  }

  #deliver(reply: Reply): void {
    const streaming = this.send(reply);
    this.status = reply.status;
    if (streaming === null) {
      this.answered();
      return;
    }
    this.#phase = "streaming";
    streaming.then(
      () => this.answered(),
      (err: unknown) => this.#broken(err),
    );
  }

  // The head has gone, so the client learns of the failure from the broken connection.
  #broken(err: unknown): void {
    if (this.#phase === "answered") return;
    this.#report("http: the answer's stream has failed", err);
    this.breakOff();
    this.answered();
  }

  #fail(err: unknown): void {
    if (this.#phase !== "open") {
      // What it throws because its context has ended is no news.
      if (!is(err, "canceled") && !is(err, "deadline_exceeded")) {
        this.#report("http: the handler failed after its request had ended", err);
      }
      return;
    }
    const reply = problem(this, err);
    if (reply.status >= 500) this.#report("http: request failed", err);
    try {
      this.#deliver(reply);
    } catch (sendErr) {
      // A header set ahead cannot be sent; without them the problem can.
      this.#report("http: the problem could not be sent", sendErr);
      this.head = null;
      this.#deliver(reply);
    }
  }

  protected expired(): void {
    this.cut(new Failure("http: the request's deadline has passed", { code: "deadline_exceeded", cause: this.err }));
  }

  describe(): string {
    const route = this.pattern === "" ? "" : ` (${this.pattern})`;
    return `${this.method} ${this.path}${route}, ${formatDuration(performance.now() - this.startedAt)}`;
  }

  inFlight(): RequestInFlight {
    const { method, pattern, requestId, startedAt } = this;
    return { method, route: pattern, requestId, ageMs: performance.now() - startedAt, state: this.#phase };
  }

  stop(cause: unknown): void {
    this.cancel(cause);
    this.cut(shutdownFailure(cause));
  }

  // The context has ended: whoever still waits for an answer gets this one.
  protected cut(failure: Failure): void {
    if (this.#phase === "open") this.#fail(failure);
    else if (this.#phase === "streaming") this.#broken(failure);
  }

  disconnected(): void {
    if (this.#phase === "answered") return;
    this.status = 499;
    this.cancel(DISCONNECTED);
    this.answered();
  }

  /** answered ends the exchange for the client: the hooks are called, and it is over if the handler has settled. */
  answered(): void {
    if (this.#phase === "answered") return;
    this.#phase = "answered";
    this.left();
    const { hooks } = this.traits;
    if (hooks.length > 0 || this.hooks !== null) {
      const now = performance.now();
      this.durationMs = now - this.startedAt;
      this.endedAt = now + this.engine.unixOffset;
      for (const hook of hooks) this.#call(hook);
      for (const hook of this.hooks ?? []) this.#call(hook);
    }
    if (this.#settled) this.#over();
  }

  #call(hook: FinishHook): void {
    try {
      hook(this, this, this);
    } catch (err) {
      this.#report("http: an onFinish hook failed", err);
    }
  }

  /** settled says whether the handler has ended. */
  get settled(): boolean {
    return this.#settled;
  }

  #over(): void {
    this.engine.live.leave(this);
    this.cancel(EXCHANGE_OVER);
    this.over();
  }

  /** over is called once, when the client has its answer or has gone, and the handler has settled. */
  protected over(): void {
    // HTTP/1.1 has nothing to count.
  }

  #report(message: string, err: unknown): void {
    const { method, path, pattern } = this;
    try {
      this.engine.log.error(this, message, { err, method, path, route: pattern });
    } catch {
      // A log that fails must not take the server with it, and there is nowhere to say so.
    }
  }

  protected newWebRequest(): Request {
    return webRequest(this);
  }
}
