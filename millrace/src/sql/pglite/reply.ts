import { joined } from "./channel.ts";
import { typeOf } from "./wire.ts";

// Large enough that a big result costs few hand-overs, small enough that the client reads while the server writes.
const SEND_BYTES = 64 * 1024;

/** Reply passes the answer to a turn on to its client, and learns from it in which state the session is left. */
export class Reply {
  /** idle is whether the last ReadyForQuery said that no transaction is open. */
  idle = false;
  readonly #send: (bytes: Uint8Array<ArrayBuffer>) => void;
  readonly #notify: (notification: Buffer) => void;
  // How many messages of a type are still to be hidden.
  readonly #hidden: Map<string, number> = new Map();
  #messages: Buffer[] = [];
  #bytes = 0;

  constructor(send: (bytes: Uint8Array<ArrayBuffer>) => void, notify: (notification: Buffer) => void) {
    this.#send = send;
    this.#notify = notify;
  }

  /** hide keeps a number of messages of a type from the client, who did not ask for them. */
  hide(type: string, count: number): void {
    this.#hidden.set(type, count);
  }

  /** add takes the next message of the server. */
  add(m: Buffer): void {
    const type = typeOf(m);
    if (type === "A") return this.#notify(m);
    if (this.#hidden.size > 0 && this.#isHidden(type)) return;
    if (type === "Z") this.idle = m[5] === 0x49;
    this.#messages.push(m);
    this.#bytes += m.byteLength;
    if (this.#bytes >= SEND_BYTES) this.flush();
  }

  /** flush sends what is gathered; to be called at the end. */
  flush(): void {
    if (this.#bytes === 0) return;
    this.#send(joined(this.#messages));
    this.#messages = [];
    this.#bytes = 0;
  }

  #isHidden(type: string): boolean {
    const left = this.#hidden.get(type) ?? 0;
    if (left > 0) this.#hidden.set(type, left - 1);
    return left > 0;
  }
}
