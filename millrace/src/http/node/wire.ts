import type { IncomingMessage, ServerResponse } from "node:http";
import { Waiter } from "../../runtime/waiter.ts";
import { Exchange } from "../exchange.ts";
import { type Conn, connOf } from "./conn.ts";
import type { Engine } from "./engine.ts";

/** WireExchange is an exchange with its connection and node:http's two halves of the message; it decides nothing. */
export abstract class WireExchange extends Exchange {
  readonly engine: Engine;
  readonly conn: Conn;
  readonly raw: IncomingMessage;
  readonly res: ServerResponse;
  /** number is its place on the connection, from 1. */
  readonly number: number;
  /** mustContinue is set while the client waits for 100 Continue before it sends the body. */
  mustContinue: boolean;
  bodyTaken = false;

  constructor(engine: Engine, raw: IncomingMessage, res: ServerResponse, mustContinue: boolean) {
    // A request from a parser has a method and a URL.
    super(engine.up, raw.method!, raw.url!, performance.now(), engine.limits.bodyLimit);
    this.engine = engine;
    this.raw = raw;
    this.res = res;
    this.mustContinue = mustContinue;
    this.conn = connOf(raw.socket);
    this.number = ++this.conn.requests;
    const deadlineMs = engine.limits.requestDeadlineMs;
    if (deadlineMs > 0) this.setDeadline(deadlineMs);
  }

  get remoteAddress(): string {
    return (this.conn.remoteAddress ??= this.raw.socket.remoteAddress ?? "");
  }

  get headers(): IncomingMessage["headers"] {
    return this.raw.headers;
  }

  header(name: string): string | undefined {
    const value = this.raw.headers[name];
    return typeof value === "object" ? value.join(", ") : value;
  }

  protected newRequestId(): string {
    return this.engine.newRequestId();
  }

  protected unixStart(): number {
    return this.startedAt + this.engine.unixOffset;
  }
}

/** AtEnd calls a function when the exchange it is parked on has ended. */
export class AtEnd extends Waiter {
  readonly #call: () => void;

  constructor(call: () => void) {
    super();
    this.#call = call;
  }

  wake(): void {
    this.#call();
  }
}
