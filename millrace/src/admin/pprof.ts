import type { Frame, Stacks, ValueType } from "./stacks.ts";

/**
 * pprof writes a profile in pprof's format, not yet compressed, for `go tool pprof`, Pyroscope and Parca.
 * Source: https://github.com/google/pprof/blob/main/proto/profile.proto
 */
export function pprof({ types, period, root, durationMs, endedAt }: Stacks): Buffer {
  const strings = new Numbered();
  // Its table begins with "", and what a message leaves out is number 0.
  strings.of("");
  const functions = new Numbered();
  const out = new Message();
  const valueType = ({ type, unit }: ValueType): Message =>
    new Message().int(1, strings.of(type)).int(2, strings.of(unit));
  for (const type of types) out.message(1, valueType(type));

  const visit = (frame: Frame, callers: readonly number[]): void => {
    // Numbers are from 1 here. A function is one location: V8 says where it begins and not where it was.
    const key = JSON.stringify([frame.name, frame.file, frame.line]);
    const before = functions.size;
    const id = functions.of(key) + 1;
    if (functions.size > before) {
      out.message(4, new Message().int(1, id).message(4, new Message().int(1, id).int(2, frame.line)));
      const name = strings.of(frame.name);
      out.message(
        5,
        new Message().int(1, id).int(2, name).int(3, name).int(4, strings.of(frame.file)).int(5, frame.line),
      );
    }
    // The innermost comes first.
    const stack = [id, ...callers];
    if (frame.self.some((value) => value > 0)) out.message(2, new Message().ints(1, stack).ints(2, frame.self));
    for (const call of frame.calls) visit(call, stack);
  };
  for (const frame of root.calls) visit(frame, []);

  out.int(9, (endedAt.getTime() - Math.round(durationMs)) * 1e6).int(10, Math.round(durationMs * 1e6));
  const last = types.at(-1);
  if (last !== undefined) out.message(11, valueType(last)).int(12, period);
  for (const text of strings.all()) out.text(6, text);
  return out.bytes();
}

/** Numbered gives each text a number, from 0, in the order in which they come. */
class Numbered {
  readonly #numbers = new Map<string, number>();

  get size(): number {
    return this.#numbers.size;
  }

  of(text: string): number {
    let number = this.#numbers.get(text);
    if (number === undefined) this.#numbers.set(text, (number = this.#numbers.size));
    return number;
  }

  all(): Iterable<string> {
    return this.#numbers.keys();
  }
}

/** Message is a message of Protocol Buffers. Source: https://protobuf.dev/programming-guides/encoding */
class Message {
  readonly #bytes: number[] = [];
  readonly #parts: Uint8Array[] = [];

  /** int is a field of a number that is whole and not negative; 0 is left out, as it is what a reader takes it for. */
  int(field: number, value: number): this {
    if (value === 0) return this;
    this.#varint(field * 8);
    this.#varint(value);
    return this;
  }

  /** ints is a packed field. */
  ints(field: number, values: readonly number[]): this {
    const packed = new Message();
    for (const value of values) packed.#varint(value);
    return this.message(field, packed);
  }

  text(field: number, value: string): this {
    return this.#block(field, Buffer.from(value));
  }

  message(field: number, value: Message): this {
    return this.#block(field, value.bytes());
  }

  bytes(): Buffer {
    return Buffer.concat([...this.#parts, Uint8Array.from(this.#bytes)]);
  }

  #block(field: number, block: Uint8Array): this {
    this.#varint(field * 8 + 2);
    this.#varint(block.length);
    this.#parts.push(Uint8Array.from(this.#bytes.splice(0)), block);
    return this;
  }

  #varint(value: number): void {
    // No shifts: they would cut off at 32 bits.
    let rest = Math.round(value);
    while (rest > 127) {
      this.#bytes.push((rest % 128) + 128);
      rest = Math.floor(rest / 128);
    }
    this.#bytes.push(rest);
  }
}
