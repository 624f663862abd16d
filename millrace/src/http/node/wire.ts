import type { IncomingHttpHeaders } from "node:http";
import type { Readable, Writable } from "node:stream";
import { Waiter } from "../../runtime/waiter.ts";
import { Exchange } from "../exchange.ts";
import type { Reply } from "../reply.ts";
import type { Conn } from "./conn.ts";
import type { Engine } from "./engine.ts";

/** WireExchange is an exchange with its connection and the two halves of its message; it decides nothing. */
export abstract class WireExchange extends Exchange {
  readonly engine: Engine;
  readonly conn: Conn;
  /** source is what the body is read from. */
  readonly source: Readable;
  /** sink is what the answer's body is written to. */
  readonly sink: Writable;
  readonly headers: IncomingHttpHeaders;
  /** mustContinue is set while the client waits for 100 Continue before it sends the body. */
  mustContinue: boolean;
  bodyTaken = false;

  constructor(engine: Engine, wire: Wire) {
    if (engine.resting) engine.wake();
    super(engine.up, wire.method, wire.url, performance.now(), engine.limits.bodyLimit);
    this.engine = engine;
    this.conn = wire.conn;
    this.source = wire.source;
    this.sink = wire.sink;
    this.headers = wire.headers;
    this.mustContinue = wire.mustContinue;
    const deadlineMs = engine.limits.requestDeadlineMs;
    if (deadlineMs > 0) this.setDeadline(deadlineMs);
  }

  /** hasBody says whether the request announces a body. */
  abstract get hasBody(): boolean;
  /** rawHeaders are names and values by turns, as they were sent. */
  abstract get rawHeaders(): readonly string[];
  /** send writes an answer; a body that is a stream goes on until the promise settles, all else is done with null. */
  protected abstract send(reply: Reply): Promise<void> | null;
  /** breakOff ends an answer that has begun and cannot be finished, so that the client sees that. */
  protected abstract breakOff(): void;
  /** left is called once, when the client has its answer or has gone. */
  protected abstract left(): void;
  /** trail says what is sent behind a stream that ends now, where the protocol has a place for it. */
  abstract trail(fields: Readonly<Record<string, string>>): void;
  /** sendContinue asks the client for the body. */
  abstract sendContinue(): void;

  get remoteAddress(): string {
    return this.conn.remoteAddress;
  }

  header(name: string): string | undefined {
    const value = this.headers[name];
    return typeof value === "object" ? value.join(", ") : value;
  }

  protected newRequestId(): string {
    return this.engine.newRequestId();
  }

  protected unixStart(): number {
    return this.startedAt + this.engine.unixOffset;
  }
}

/** Wire is what a protocol knows of a request when it begins. */
export interface Wire {
  readonly method: string;
  readonly url: string;
  readonly conn: Conn;
  readonly source: Readable;
  readonly sink: Writable;
  readonly headers: IncomingHttpHeaders;
  readonly mustContinue: boolean;
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
