/**
 * Message is a message in protobuf's wire format, written field after field; what is written is not changed later.
 * Source: https://protobuf.dev/programming-guides/encoding/ @internal
 */
export class Message {
  readonly #bytes: number[] = [];

  /** text writes a string. */
  text(field: number, value: string): this {
    return this.#sized(field, Buffer.from(value.toWellFormed()));
  }

  /** message writes a message inside. */
  message(field: number, value: Message): this {
    return this.#sized(field, value.#bytes);
  }

  /** double writes a double. */
  double(field: number, value: number): this {
    this.#varint(field * 8 + 1);
    const bytes = Buffer.alloc(8);
    bytes.writeDoubleLE(value);
    this.#bytes.push(...bytes);
    return this;
  }

  /** uint writes a whole number from 0 to 2^53: a uint64, uint32, int64 or an enumeration. */
  uint(field: number, value: number): this {
    this.#varint(field * 8);
    this.#varint(value);
    return this;
  }

  /** sint writes a whole number of either sign: a sint32 or sint64. */
  sint(field: number, value: number): this {
    return this.uint(field, zigzag(value));
  }

  /** sints writes a list of them, packed. */
  sints(field: number, values: readonly number[]): this {
    const packed = new Message();
    for (const value of values) packed.#varint(zigzag(value));
    return this.#sized(field, packed.#bytes);
  }

  /** delimited is the message with its length before it, as a stream of them has it. */
  delimited(): Uint8Array<ArrayBuffer> {
    const length = new Message();
    length.#varint(this.#bytes.length);
    return Uint8Array.from([...length.#bytes, ...this.#bytes]);
  }

  #sized(field: number, bytes: ArrayLike<number>): this {
    this.#varint(field * 8 + 2);
    this.#varint(bytes.length);
    // Not spread: a family's bytes are more than a call takes arguments.
    for (let i = 0; i < bytes.length; i++) this.#bytes.push(bytes[i]!);
    return this;
  }

  // No shifts: they have 32 bits.
  #varint(value: number): void {
    let rest = value;
    for (; rest >= 128; rest = Math.floor(rest / 128)) this.#bytes.push((rest % 128) + 128);
    this.#bytes.push(rest);
  }
}

function zigzag(value: number): number {
  return value < 0 ? -2 * value - 1 : 2 * value;
}
