import { AsyncLocalStorage } from "node:async_hooks";
import { type AddressInfo, Socket } from "node:net";
import type { Duplex, DuplexOptions } from "node:stream";

// What is on its way: bytes, the end of them, or the end of everything.
type Parcel =
  | { readonly kind: "bytes"; readonly bytes: Buffer; readonly delivered: () => void }
  | { readonly kind: "end" }
  | { readonly kind: "reset" };

type Callback = (err?: Error | null) => void;

// Its types say that what it has is no accessor, and so could not be overridden.
const NetSocket = Socket as unknown as new (options: DuplexOptions) => Duplex & { timeout?: number };

/** Side is how one end of a pipe is made. */
export interface Side {
  readonly address: AddressInfo;
  readonly allowHalfOpen: boolean;
  /** maxBytes is what it keeps for a reader that does not read, and for a peer that does not. */
  readonly maxBytes: number;
}

/**
 * MemorySocket is a connected socket without a system behind it. A delivery is a microtask of its own, and so a step
 * where the order of steps is explored; there is one at a time for each direction, since a connection keeps its order.
 */
export class MemorySocket extends NetSocket {
  // Set by join, before anybody has it.
  #peer!: MemorySocket;
  readonly #address: AddressInfo;
  // Where it was made: its events belong there, whoever wrote.
  readonly #inContext: ReturnType<typeof AsyncLocalStorage.snapshot> = AsyncLocalStorage.snapshot();
  readonly #inbox: Parcel[] = [];
  #arriving = false;
  #full = false;
  #idle: NodeJS.Timeout | undefined = undefined;
  #bytesRead = 0;
  #bytesWritten = 0;

  constructor({ address, allowHalfOpen, maxBytes }: Side) {
    super({ allowHalfOpen, highWaterMark: maxBytes });
    this.#address = address;
  }

  /** join connects two. */
  static join(a: MemorySocket, b: MemorySocket): void {
    a.#peer = b;
    b.#peer = a;
  }

  get bytesRead(): number {
    return this.#bytesRead;
  }

  get bytesWritten(): number {
    return this.#bytesWritten + this.writableLength;
  }

  get localAddress(): string {
    return this.#address.address;
  }

  get localPort(): number {
    return this.#address.port;
  }

  get localFamily(): string {
    return this.#address.family;
  }

  get remoteAddress(): string {
    return this.#peer.localAddress;
  }

  get remotePort(): number {
    return this.#peer.localPort;
  }

  get remoteFamily(): string {
    return this.#peer.localFamily;
  }

  get pending(): boolean {
    return false;
  }

  get readyState(): "open" | "readOnly" | "writeOnly" | "closed" {
    if (this.readable) return this.writable ? "open" : "readOnly";
    return this.writable ? "writeOnly" : "closed";
  }

  address(): AddressInfo {
    return { ...this.#address };
  }

  setTimeout(ms: number, callback?: () => void): this {
    clearTimeout(this.#idle);
    this.timeout = ms;
    if (ms > 0) {
      this.#idle = setTimeout(() => this.emit("timeout"), ms).unref();
      if (callback !== undefined) this.once("timeout", callback);
    } else if (callback !== undefined) this.off("timeout", callback);
    return this;
  }

  // The system's business, of which there is none.
  setNoDelay(): this {
    return this;
  }

  setKeepAlive(): this {
    return this;
  }

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }

  resetAndDestroy(): this {
    this.#peer.#receive({ kind: "reset" });
    return this.destroy();
  }

  override _read(): void {
    this.#full = false;
    this.#deliverSoon();
  }

  override _write(chunk: Buffer | string, encoding: BufferEncoding, callback: Callback): void {
    const bytes = typeof chunk === "string" ? Buffer.from(chunk, encoding) : chunk;
    this.#active();
    if (this.#peer.destroyed) {
      callback(systemError("write", "EPIPE"));
      return;
    }
    // It is the writer's callback: it runs where he wrote.
    const delivered = AsyncLocalStorage.bind(() => {
      this.#bytesWritten += bytes.length;
      this.#active();
      callback();
    });
    this.#peer.#receive({ kind: "bytes", bytes, delivered });
  }

  override _writev(chunks: { chunk: Buffer | string; encoding: BufferEncoding }[], callback: Callback): void {
    const bytes = chunks.map(({ chunk, encoding }) =>
      typeof chunk === "string" ? Buffer.from(chunk, encoding) : chunk,
    );
    this._write(Buffer.concat(bytes), "utf8", callback);
  }

  override _final(callback: Callback): void {
    this.#peer.#receive({ kind: "end" });
    callback();
  }

  override _destroy(err: Error | null, callback: Callback): void {
    clearTimeout(this.#idle);
    // As the system does: whoever closes with something unread says that it is lost.
    const unread = this.readableLength > 0 || this.#inbox.some(({ kind }) => kind === "bytes");
    for (const parcel of this.#inbox.splice(0)) if (parcel.kind === "bytes") parcel.delivered();
    if (!this.#peer.destroyed) this.#peer.#receive({ kind: unread ? "reset" : "end" });
    super._destroy(err, callback);
  }

  #receive(parcel: Parcel): void {
    if (this.destroyed) return;
    this.#inbox.push(parcel);
    this.#deliverSoon();
  }

  #deliverSoon(): void {
    if (this.#arriving || this.#full || this.#inbox.length === 0) return;
    this.#arriving = true;
    this.#inContext(() => queueMicrotask(() => this.#deliver()));
  }

  #deliver(): void {
    this.#arriving = false;
    const parcel = this.#inbox.shift();
    // It was destroyed meanwhile.
    if (parcel === undefined || this.destroyed) return;
    if (parcel.kind === "reset") {
      this.destroy(systemError("read", "ECONNRESET"));
      return;
    }
    this.#active();
    if (parcel.kind === "end") {
      this.push(null);
      // Nobody may be reading: as node:net, so that the end is seen when there is nothing before it.
      if (this.readableLength === 0) this.read(0);
      return;
    }
    this.#bytesRead += parcel.bytes.length;
    this.#full = !this.push(parcel.bytes);
    parcel.delivered();
    this.#deliverSoon();
  }

  #active(): void {
    this.#idle?.refresh();
  }
}

function systemError(syscall: string, code: string): Error {
  return Object.assign(new Error(`${syscall} ${code}`), { syscall, code });
}
