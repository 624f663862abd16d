import { Exchange, type Wire } from "./exchange.ts";

// A piece; the server sends a message for each row, which are too many to hand on one by one.
const PIECE_BYTES = 64 * 1024;

/**
 * CopyOut is a COPY TO STDOUT. The server sends as fast as it is read, so nothing is read from the socket from one
 * piece to the request for the next: what waits here is at most that piece and what one read from the socket holds.
 * @internal
 */
export class CopyOut extends Exchange {
  readonly #text: string;
  readonly #sink: (bytes: Uint8Array) => void;
  #wire: Wire | undefined = undefined;
  #piece = Buffer.allocUnsafe(PIECE_BYTES);
  #length = 0;
  #stopped = false;

  constructor(text: string, sink: (bytes: Uint8Array) => void) {
    super();
    this.#text = text;
    this.#sink = sink;
  }

  submit(wire: Wire): null {
    this.#wire = wire;
    wire.query(this.#text);
    return null;
  }

  more(): void {
    this.#wire?.stream.resume();
  }

  stop(): void {
    this.#stopped = true;
    this.more();
  }

  // The chunk is a view of what pg's parser will write over.
  override handleCopyData({ chunk }: { readonly chunk: Buffer }): void {
    if (this.#stopped) return;
    if (this.#length + chunk.length > PIECE_BYTES) this.#give();
    if (chunk.length > PIECE_BYTES) this.#hand(Buffer.from(chunk));
    else this.#length += chunk.copy(this.#piece, this.#length);
  }

  override handleCommandComplete(): void {
    if (!this.#stopped) this.#give();
  }

  override handleReadyForQuery(wire: Wire): void {
    this.#wire = undefined;
    wire.stream.resume();
  }

  override handleError(err: unknown, wire: Wire): void {
    super.handleError(err, wire);
    wire.stream.resume();
  }

  #give(): void {
    if (this.#length === 0) return;
    const piece = this.#piece.subarray(0, this.#length);
    this.#piece = Buffer.allocUnsafe(PIECE_BYTES);
    this.#length = 0;
    this.#hand(piece);
  }

  #hand(piece: Uint8Array): void {
    this.#wire?.stream.pause();
    this.#sink(piece);
  }
}
