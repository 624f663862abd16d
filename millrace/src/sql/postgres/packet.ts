import type { Arg } from "./args.ts";

const SLAB_BYTES = 65_536;
// Execute of the unnamed portal without a limit.
const EXECUTE = Buffer.from([0x45, 0, 0, 0, 9, 0, 0, 0, 0, 0]);
const SYNC = Buffer.from([0x53, 0, 0, 0, 4]);
const DESCRIBE_PORTAL = Buffer.from([0x44, 0, 0, 0, 6, 0x50, 0]);
const NO_TYPES = 0;
const TEXT = 0;
const BINARY = 1;
// Shorter texts are copied here, a character at a time, faster than by a call to native code.
const SHORT_CHARS = 32;

/**
 * Packet is what goes to the server in one write: messages, one behind the other, in memory of its own until it is
 * taken. Source: https://www.postgresql.org/docs/current/protocol-message-formats.html
 * @internal
 */
export class Packet {
  // Everything before #start has been taken and belongs to the socket.
  #bytes: Buffer = Buffer.allocUnsafeSlow(SLAB_BYTES);
  #start = 0;
  #at = 0;

  /** take is all that was added since the last time. */
  take(): Buffer {
    const taken = this.#bytes.subarray(this.#start, this.#at);
    this.#start = this.#at;
    return taken;
  }

  parse(name: string, text: string): void {
    const head = this.#open(0x50);
    this.#cstring(name);
    this.#cstring(text);
    this.#int16(NO_TYPES);
    this.#close(head);
  }

  bind(name: string, args: readonly Arg[]): void {
    const head = this.#open(0x42);
    // The unnamed portal.
    this.#cstring("");
    this.#cstring(name);
    this.#formats(args);
    this.#int16(args.length);
    for (const arg of args) this.#value(arg);
    // All columns as text.
    this.#int16(0);
    this.#close(head);
  }

  describePortal(): void {
    this.#raw(DESCRIBE_PORTAL);
  }

  execute(): void {
    this.#raw(EXECUTE);
  }

  sync(): void {
    this.#raw(SYNC);
  }

  closeStatement(name: string): void {
    const head = this.#open(0x43);
    this.#byte(0x53);
    this.#cstring(name);
    this.#close(head);
  }

  // No formats at all mean text for all.
  #formats(args: readonly Arg[]): void {
    if (!args.some((arg) => typeof arg === "object" && arg !== null)) {
      this.#int16(0);
      return;
    }
    this.#int16(args.length);
    for (const arg of args) this.#int16(typeof arg === "string" || arg === null ? TEXT : BINARY);
  }

  #value(arg: Arg): void {
    if (arg === null) {
      this.#int32(-1);
    } else if (typeof arg === "string") {
      // With the room for the text: the length is written when that is, at the same place.
      this.#room(4 + 3 * arg.length);
      const head = this.#at;
      this.#at += 4;
      this.#text(arg);
      this.#bytes.writeInt32BE(this.#at - head - 4, head);
    } else {
      this.#int32(arg.length);
      this.#raw(arg);
    }
  }

  #open(type: number): number {
    this.#byte(type);
    this.#room(4);
    const head = this.#at - this.#start;
    this.#at += 4;
    return head;
  }

  // The length of a message counts itself; the slab may have moved since it was opened.
  #close(head: number): void {
    const at = this.#start + head;
    this.#bytes.writeInt32BE(this.#at - at, at);
  }

  #cstring(text: string): void {
    this.#text(text);
    this.#byte(0);
  }

  #text(text: string): void {
    // At most three bytes of UTF-8 for a UTF-16 unit.
    this.#room(text.length * 3);
    const bytes = this.#bytes;
    const before = this.#at;
    if (text.length <= SHORT_CHARS) {
      let at = before;
      let all = 0;
      for (let i = 0; i < text.length; i++) {
        const code = text.charCodeAt(i);
        all |= code;
        bytes[at++] = code;
      }
      if (all < 0x80) {
        this.#at = at;
        return;
      }
    }
    this.#at = before + bytes.write(text, before);
  }

  #byte(value: number): void {
    this.#room(1);
    this.#bytes[this.#at++] = value;
  }

  #int16(value: number): void {
    this.#room(2);
    this.#at = this.#bytes.writeUInt16BE(value, this.#at);
  }

  #int32(value: number): void {
    this.#room(4);
    this.#at = this.#bytes.writeInt32BE(value, this.#at);
  }

  #raw(raw: Buffer): void {
    this.#room(raw.length);
    this.#bytes.set(raw, this.#at);
    this.#at += raw.length;
  }

  #room(bytes: number): void {
    if (this.#at + bytes <= this.#bytes.length) return;
    const kept = this.#bytes.subarray(this.#start, this.#at);
    this.#bytes = Buffer.allocUnsafeSlow(Math.max(SLAB_BYTES, 2 * (kept.length + bytes)));
    this.#bytes.set(kept, 0);
    this.#at = kept.length;
    this.#start = 0;
  }
}
