// A message of PostgreSQL is at most 1 GB long; a longer one is no message.
const MAX_BYTES = 0x4000_0000;
const HEADER_BYTES = 5;

/** OnFrame is told of one message: its type, and where its body lies. The bytes are good for the time of the call. */
export type OnFrame = (type: number, bytes: Buffer, start: number, end: number) => void;

/**
 * Frames cuts what the server sends into messages: type, int32 length that counts itself, body. It copies only what is
 * not complete yet. @internal
 */
export class Frames {
  readonly #onFrame: OnFrame;
  // What has come of a message that is not complete, in a buffer that may be larger.
  #rest: Buffer = Buffer.alloc(0);
  #length = 0;

  constructor(onFrame: OnFrame) {
    this.#onFrame = onFrame;
  }

  /** read takes the next bytes; throws a RangeError when they are no messages. */
  read(chunk: Buffer): void {
    const bytes = this.#length === 0 ? chunk : this.#append(chunk);
    const end = bytes.length;
    let at = 0;
    while (end - at >= HEADER_BYTES) {
      const length = bytes.readInt32BE(at + 1);
      if (length < 4 || length > MAX_BYTES) throw new RangeError(`a message of ${length} bytes`);
      const next = at + 1 + length;
      if (next > end) break;
      this.#onFrame(bytes[at]!, bytes, at + HEADER_BYTES, next);
      at = next;
    }
    this.#keep(bytes, at);
  }

  #append(chunk: Buffer): Buffer {
    const length = this.#length + chunk.length;
    if (length > this.#rest.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(length, 2 * this.#rest.length));
      this.#rest.copy(larger, 0, 0, this.#length);
      this.#rest = larger;
    }
    chunk.copy(this.#rest, this.#length);
    this.#length = length;
    return this.#rest.subarray(0, length);
  }

  #keep(bytes: Buffer, at: number): void {
    const left = bytes.length - at;
    if (left === 0) {
      this.#rest = Buffer.alloc(0);
    } else if (at > 0 || this.#length === 0) {
      // Of its own: the bytes belong to the socket, or to what came before.
      this.#rest = Buffer.from(bytes.subarray(at));
    }
    this.#length = left;
  }
}
