import assert from "node:assert/strict";
import { test } from "node:test";
import { Frames } from "./lane-frames.ts";
import { Packet } from "./packet.ts";

// The texts and arguments of the Bind messages in some bytes.
function bindsIn(bytes: Buffer): { readonly name: string; readonly args: readonly (string | Buffer | null)[] }[] {
  const binds: { name: string; args: (string | Buffer | null)[] }[] = [];
  const frames = new Frames((type, body, start, end) => {
    if (type !== 0x42) return;
    const nameEnd = body.indexOf(0, start + 1);
    const formats = body.readUInt16BE(nameEnd + 1);
    const count = body.readUInt16BE(nameEnd + 3 + 2 * formats);
    let at = nameEnd + 5 + 2 * formats;
    const args = Array.from({ length: count }, (_, i) => {
      const length = body.readInt32BE(at);
      at += 4;
      if (length < 0) return null;
      const value = Buffer.from(body.subarray(at, (at += length)));
      return formats > 0 && body.readUInt16BE(nameEnd + 3 + 2 * i) === 1 ? value : value.toString();
    });
    assert.equal(at + 2, end, "the whole message");
    binds.push({ name: body.toString("utf8", start + 1, nameEnd), args });
  });
  frames.read(bytes);
  return binds;
}

test("what is bound comes out again, whatever the lengths and wherever the memory ends", () => {
  const packet = new Packet();
  const alphabet = ["a", "ü", "🜚", "0", "\u007f", "\u0080"];
  const text = (length: number): string =>
    Array.from({ length }, () => alphabet[Math.floor(Math.random() * alphabet.length)]!).join("");
  for (let round = 0; round < 200; round++) {
    const want = Array.from({ length: 1 + Math.floor(Math.random() * 8) }, (_, i) => ({
      name: `m${i}`,
      args: Array.from({ length: Math.floor(Math.random() * 5) }, () => {
        const length = Math.floor(Math.random() ** 6 * 40_000);
        const kind = Math.random();
        return kind < 0.1 ? null : kind < 0.2 ? Buffer.from(text(length)) : text(length);
      }),
    }));
    for (const { name, args } of want) {
      packet.parse(name, text(40));
      packet.bind(name, args);
      packet.describePortal();
      packet.execute();
      packet.sync();
    }
    const taken = packet.take();
    const copy = Buffer.from(taken);
    assert.deepEqual(bindsIn(taken), want);
    packet.bind("next", [text(50)]);
    assert.ok(taken.equals(copy), "what was taken is not written to again");
    packet.take();
  }
});

test("messages are cut the same, however they arrive", () => {
  const messages = Array.from({ length: 200 }, (_, i) => {
    const body = Buffer.alloc(Math.floor(Math.random() ** 4 * 5000), i);
    const head = Buffer.alloc(5);
    head[0] = 65 + (i % 26);
    head.writeInt32BE(body.length + 4, 1);
    return Buffer.concat([head, body]);
  });
  const all = Buffer.concat(messages);
  for (const most of [1, 3, 100, 5000, all.length]) {
    const got: Buffer[] = [];
    const frames = new Frames((type, bytes, start, end) => {
      assert.equal(bytes[start - 5], type);
      got.push(Buffer.from(bytes.subarray(start - 5, end)));
    });
    for (let at = 0; at < all.length;) {
      const next = at + 1 + Math.floor(Math.random() * most);
      // The socket's memory is used again.
      const chunk = Buffer.from(all.subarray(at, next));
      frames.read(chunk);
      chunk.fill(0);
      at = next;
    }
    assert.deepEqual(got, messages);
  }
  assert.throws(() => new Frames(() => undefined).read(Buffer.from([65, 0, 0, 0, 3])), RangeError);
  assert.throws(() => new Frames(() => undefined).read(Buffer.from([65, 0x7f, 0, 0, 0])), RangeError);
});
