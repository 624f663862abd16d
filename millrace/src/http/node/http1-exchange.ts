import type { IncomingMessage, ServerResponse } from "node:http";
import type { Failure } from "../../errors/index.ts";
import type { Reply } from "../reply.ts";
import type { Conn, Occupant } from "./conn.ts";
import type { Engine } from "./engine.ts";
import { send } from "./send.ts";
import { ServedExchange } from "./served-exchange.ts";

/** Http1Exchange is an exchange on a connection of node:http. */
export class Http1Exchange extends ServedExchange implements Occupant {
  readonly raw: IncomingMessage;
  readonly res: ServerResponse;
  /** number is its place on the connection, from 1. */
  readonly number: number;
  /** refused is set when the connection ends with this answer, because the request was not understood. */
  refused = false;

  constructor(engine: Engine, conn: Conn, raw: IncomingMessage, res: ServerResponse, mustContinue: boolean) {
    const { headers } = raw;
    // A request from a parser has a method and a URL.
    super(engine, { method: raw.method!, url: raw.url!, conn, source: raw, sink: res, headers, mustContinue });
    this.raw = raw;
    this.res = res;
    this.number = ++conn.requests;
    conn.enter(this);
  }

  override refuse(failure: Failure): void {
    this.refused = true;
    super.refuse(failure);
  }

  /** Source: RFC 9112 section 6.3. */
  get hasBody(): boolean {
    const length = this.headers["content-length"];
    return (length !== undefined && length !== "0") || this.headers["transfer-encoding"] !== undefined;
  }

  get rawHeaders(): readonly string[] {
    return this.raw.rawHeaders;
  }

  trail(fields: Readonly<Record<string, string>>): void {
    // Only behind chunks there is a place for them. Source: RFC 9112 section 7.1.2.
    if (this.res.chunkedEncoding) this.res.addTrailers(fields);
  }

  sendContinue(): void {
    this.res.writeContinue();
  }

  protected send(reply: Reply): Promise<void> | null {
    return send(this, reply);
  }

  protected breakOff(): void {
    // After what has been written in this turn, which Node sends at its end.
    process.nextTick(() => this.res.destroy());
  }

  protected left(): void {
    this.conn.leave(this);
  }
}
