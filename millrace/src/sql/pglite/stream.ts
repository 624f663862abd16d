import { Duplex } from "node:stream";
import { joined } from "./channel.ts";

/** Link is the way from a stream to the server's end of its connection. */
export interface Link {
  send(bytes: Uint8Array<ArrayBuffer>): void;
  /** leave is called once, when the stream has ended. */
  leave(): void;
  /** hold says whether the stream keeps the process alive. */
  hold(on: boolean): void;
}

// What may be on the way to the server before writes wait.
const WINDOW_BYTES = 1024 * 1024;

type Done = (err?: Error | null) => void;

/**
 * PortStream is a client's end of a connection to the worker: a Duplex with what pg expects of a socket beyond that.
 * Like a socket it keeps the process alive until it has ended, unless unref says otherwise.
 */
export class PortStream extends Duplex {
  readonly #link: Link;
  // Bytes that were sent and that the server has not reported as worked off.
  #outstanding = 0;
  // The write that waits for room in the window.
  #blocked: Done | undefined = undefined;

  constructor(link: Link) {
    super({ allowHalfOpen: false });
    this.#link = link;
    link.hold(true);
  }

  /** received takes bytes of the server. */
  received(bytes: Uint8Array<ArrayBuffer>): void {
    this.push(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  }

  /** taken makes room in the window. */
  taken(bytes: number): void {
    this.#outstanding -= bytes;
    if (this.#outstanding >= WINDOW_BYTES) return;
    const done = this.#blocked;
    this.#blocked = undefined;
    done?.();
  }

  /** ended is called when the server has ended the connection. */
  ended(): void {
    this.push(null);
  }

  // The server sends no more than what it was asked for.
  override _read(): void {}

  override _write(chunk: Buffer, _encoding: string, done: Done): void {
    this.#send([chunk], done);
  }

  override _writev(chunks: { chunk: Buffer }[], done: Done): void {
    this.#send(
      chunks.map(({ chunk }) => chunk),
      done,
    );
  }

  override _destroy(err: Error | null, done: Done): void {
    this.#link.leave();
    this.#link.hold(false);
    done(err);
  }

  #send(chunks: Buffer[], done: Done): void {
    const bytes = joined(chunks);
    this.#outstanding += bytes.byteLength;
    this.#link.send(bytes);
    if (this.#outstanding < WINDOW_BYTES) done();
    else this.#blocked = done;
  }

  // From here on: what pg calls on a socket.

  connect(): this {
    process.nextTick(() => this.emit("connect"));
    return this;
  }

  setNoDelay(): this {
    return this;
  }

  setKeepAlive(): this {
    return this;
  }

  ref(): this {
    if (!this.destroyed) this.#link.hold(true);
    return this;
  }

  unref(): this {
    this.#link.hold(false);
    return this;
  }
}
