import { randomBytes } from "node:crypto";
import type { Ctx } from "../../context/index.ts";
import type { CtxNode } from "../../context/node.ts";
import { Failure } from "../../errors/index.ts";
import type { Handler } from "../handler.ts";
import type { Limits } from "./limits.ts";
import { LiveList } from "./live.ts";
import { type HeadWriter, headWriter } from "./own-head.ts";
import { Ticker } from "./ticker.ts";

const TICK_MS = 100;

/** ServerLog is where the server reports what operators must see. */
export interface ServerLog {
  error(ctx: Ctx, message: string, attrs?: Readonly<Record<string, unknown>>): void;
}

/** Engine is what all exchanges of a server share. */
export class Engine {
  readonly up: CtxNode;
  readonly handler: Handler;
  readonly limits: Limits;
  readonly log: ServerLog;
  readonly live: LiveList = new LiveList();
  readonly writeHead: HeadWriter = headWriter();
  draining = false;
  /** over is what requests are told whose turn comes when a shutdown has run out of time. */
  over: Failure | undefined = undefined;
  /** activity counts connections and requests, so that a drain can see that all is quiet. */
  activity = 0;
  /** dateLine is the date header of this second. */
  dateLine = "";
  /** unixOffset makes Unix milliseconds of performance.now(). */
  unixOffset = 0;

  /** resting is set while nothing is in flight; then the clocks stand still. */
  resting = true;

  readonly #ticker: Ticker = new Ticker(TICK_MS, () => this.#tick());
  #second = 0;
  #seen = -1;
  // Ids are a random prefix of this server and a count: unique, and a hundredth of the cost of a UUID.
  readonly #idPrefix: string = randomBytes(9).toString("base64url");
  #ids = 0;

  constructor(up: CtxNode, handler: Handler, limits: Limits, log: ServerLog) {
    this.up = up;
    this.handler = handler;
    this.limits = limits;
    this.log = log;
  }

  /** wake is for an exchange that begins: from now on until all is over, the clocks and the deadlines are kept. */
  wake(): void {
    this.resting = false;
    this.#keepClocks(Date.now());
    this.#ticker.wake();
  }

  /** rest lets the clocks stand still; the next exchange wakes them. */
  rest(): void {
    this.resting = true;
    this.#ticker.rest();
  }

  // Ends what is past its deadline. A server that is asked again and again need not rest between.
  #tick(): boolean {
    const now = Date.now();
    this.#keepClocks(now);
    this.live.expire(now);
    this.resting = this.live.size === 0 && this.activity === this.#seen;
    this.#seen = this.activity;
    return !this.resting;
  }

  #keepClocks(now: number): void {
    this.unixOffset = now - performance.now();
    const second = Math.floor(now / 1000);
    if (second !== this.#second) {
      this.#second = second;
      this.dateLine = `date: ${new Date(now).toUTCString()}\r\n`;
    }
  }

  newRequestId(): string {
    return this.#idPrefix + (this.#ids++).toString(36).padStart(6, "0");
  }
}

/** shutdownFailure is what a request is told that the shutdown did not wait for. */
export function shutdownFailure(cause: unknown): Failure {
  return new Failure("http: the server is shutting down", { code: "unavailable", reason: "http/shutdown", cause });
}
