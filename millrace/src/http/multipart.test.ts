import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { fuzz } from "../test/fuzz/fuzz.ts";
import { Failure } from "../errors/index.ts";
import { Router, json } from "./index.ts";
import type { MultipartLimits, Part } from "./multipart.ts";
import { serve } from "./node/testing/setup.ts";
import { FakeExchange } from "./testing/fake-exchange.ts";

type Read = [name: string, filename: string | undefined, type: string, text: string];

/** Chopped is a body that comes in pieces of a size. */
class Chopped extends FakeExchange {
  readonly #bytes: Buffer;
  readonly #size: number;
  given = 0;

  constructor(bytes: Buffer, size: number, type: string = "multipart/form-data; boundary=b") {
    super({ method: "POST", headers: { "content-type": type } });
    this.#bytes = bytes;
    this.#size = size;
  }

  override async *chunks(): AsyncGenerator<Uint8Array> {
    for (; this.given < this.#bytes.length;) {
      const chunk = this.#bytes.subarray(this.given, this.given + this.#size);
      this.given += chunk.length;
      yield chunk;
    }
  }
}

async function read(
  body: string | Buffer,
  size: number = 1e9,
  limits: MultipartLimits = {},
  type?: string,
): Promise<Read[]> {
  const out: Read[] = [];
  for await (const part of new Chopped(Buffer.from(body as string, "latin1"), size, type).multipart(limits)) {
    out.push([part.name, part.filename, part.type, await part.text()]);
  }
  return out;
}

const part = (content: string, head: string = 'content-disposition: form-data; name="a"'): string =>
  `--b\r\n${head}\r\n\r\n${content}\r\n`;

test("what is read, in pieces of every size", async (t) => {
  const cases: { name: string; body: string; want: Read[] }[] = [
    { name: "one part", body: `${part("x")}--b--\r\n`, want: [["a", undefined, "text/plain", "x"]] },
    { name: "no line end at the end", body: `${part("x")}--b--`, want: [["a", undefined, "text/plain", "x"]] },
    { name: "an empty part", body: `${part("")}--b--`, want: [["a", undefined, "text/plain", ""]] },
    {
      name: "an empty part without a line of its own",
      body: `--b\r\ncontent-disposition: form-data; name=a\r\n\r\n--b--`,
      want: [["a", undefined, "text/plain", ""]],
    },
    { name: "no part", body: "--b--\r\n", want: [] },
    {
      name: "two, with preamble, epilogue and spaces",
      body: `preamble\r\n${part("1").replace("--b", "--b \t")}${part("2")}--b--\r\nepilogue --b`,
      want: [
        ["a", undefined, "text/plain", "1"],
        ["a", undefined, "text/plain", "2"],
      ],
    },
    {
      name: "content that looks like a delimiter",
      body: `${part("\r\n--\r\n-b--b\r\r\n\n--c\r\n--")}--b--`,
      want: [["a", undefined, "text/plain", "\r\n--\r\n-b--b\r\r\n\n--c\r\n--"]],
    },
    {
      name: "a file",
      body: `${part("x", 'Content-Type: image/png\r\nContent-Disposition: form-data; name="f"; filename="a \\ %22c%22.png"')}--b--`,
      want: [["f", 'a \\ "c".png', "image/png", "x"]],
    },
    {
      name: "what is in quotes is no parameter",
      body: `${part("x", 'content-disposition: form-data; filename="; name=evil"; name="f"')}--b--`,
      want: [["f", "; name=evil", "text/plain", "x"]],
    },
  ];
  for (const { name, body, want } of cases) {
    await t.test(name, async () => {
      for (let size = 1; size <= body.length; size++)
        assert.deepEqual(await read(body, size), want, `pieces of ${size}`);
    });
  }
});

test("what is refused", async (t) => {
  const cases: { name: string; body?: string; type?: string; limits?: MultipartLimits; reason: string }[] = [
    { name: "nothing", body: "", reason: "http/bad_multipart" },
    { name: "no end", body: part("x"), reason: "http/bad_multipart" },
    { name: "cut in the headers", body: "--b\r\ncontent-dis", reason: "http/bad_multipart" },
    { name: "a longer boundary", body: part("x\r\n--bc"), reason: "http/bad_multipart" },
    { name: "no headers", body: "--b\r\n\r\nx\r\n--b--", reason: "http/bad_multipart" },
    { name: "a broken header", body: `${part("x", "nonsense")}--b--`, reason: "http/bad_multipart" },
    { name: "no name", body: `${part("x", "content-disposition: form-data; a=b")}--b--`, reason: "http/bad_multipart" },
    {
      name: "two names",
      body: `${part("x", "content-disposition: form-data; name=a; name=b")}--b--`,
      reason: "http/bad_multipart",
    },
    {
      name: "no form-data",
      body: `${part("x", "content-disposition: attachment; name=a")}--b--`,
      reason: "http/bad_multipart",
    },
    {
      name: "too many parts",
      body: `${part("x")}${part("y")}--b--`,
      limits: { maxParts: 1 },
      reason: "http/bad_multipart",
    },
    { name: "a long part", body: `${part("xyz")}--b--`, limits: { maxPartBytes: 2 }, reason: "http/body_too_large" },
    { name: "long headers", body: `${part("x")}--b--`, limits: { maxHeaderBytes: 20 }, reason: "http/bad_multipart" },
    { name: "headers without an end", body: `--b\r\n${"a".repeat(9000)}`, reason: "http/bad_multipart" },
    { name: "JSON", type: "application/json", reason: "http/unsupported_media_type" },
    { name: "no boundary", type: "multipart/form-data; charset=utf-8", reason: "http/bad_multipart" },
    { name: "an empty boundary", type: 'multipart/form-data; boundary=""', reason: "http/bad_multipart" },
    { name: "a long boundary", type: `multipart/form-data; boundary=${"b".repeat(71)}`, reason: "http/bad_multipart" },
  ];
  for (const { name, body = "", type, limits = {}, reason } of cases) {
    await t.test(name, async () => {
      for (const size of [1, 7, 1e9]) await assert.rejects(read(body, size, limits, type), { reason });
    });
  }
});

test("what is not read is read over; a part is read once, and not after the next was asked for", async () => {
  const body = Buffer.from(`${part("first")}${part("second")}${part("third")}--b--`);
  const parts: Part[] = [];
  const texts: string[] = [];
  for await (const part of new Chopped(body, 3).multipart()) {
    parts.push(part);
    if (parts.length === 2) texts.push(await part.text());
  }
  assert.deepEqual([parts.length, ...texts], [3, "second"]);
  assert.equal(await parts[0]!.text(), "");
  await assert.rejects(parts[1]!.text(), { reason: "http/body_already_read" });
});

test("the body is read no faster than its parts", async () => {
  const body = Buffer.from(`${part("x".repeat(100_000))}--b--`);
  const exchange = new Chopped(body, 1000);
  for await (const part of exchange.multipart()) {
    let size = 0;
    for await (const chunk of part.chunks()) {
      size += chunk.length;
      assert.ok(exchange.given - size < 2200, `${exchange.given} read for ${size}`);
    }
    assert.equal(size, 100_000);
  }
});

// Any bytes, and bytes that nearly are a body.
const soup = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        "--b",
        "\r\n",
        "\r\n--b",
        "--",
        "--b--",
        "\r\n\r\n",
        "\r",
        "\n",
        'content-disposition: form-data; name="a"',
        ";",
        '"',
        "\\",
      ),
      fc.string({ maxLength: 5 }),
    ),
    { maxLength: 30 },
  )
  .map((words) => words.join(""));

fuzz(
  "multipart: any body is read or refused, and the pieces that it comes in make no difference",
  fc.tuple(soup, fc.integer({ min: 1, max: 40 })),
  async ([body, size]) => {
    const outcome = async (size: number): Promise<unknown> => {
      try {
        return await read(body, size);
      } catch (err) {
        assert.ok(err instanceof Failure && err.code !== "internal", String(err));
        return "refused";
      }
    };
    assert.deepEqual(await outcome(size), await outcome(1e9));
  },
);

fuzz(
  "multipart: what was put in is read",
  fc.array(fc.tuple(fc.string({ minLength: 1 }), fc.string({ unit: "binary" })), { maxLength: 5 }),
  async (fields) => {
    const form = new FormData();
    for (const [name, value] of fields) form.append(name, new File([value], "f", { type: "text/x" }));
    const request = new Request("http://a", { method: "POST", body: form });
    const body = Buffer.from(await request.arrayBuffer());
    const got = await read(body.toString("latin1"), 16, {}, request.headers.get("content-type")!);
    // A form writes a line's end as %0D%0A, and leaves a name that holds "%0A" itself as it is: the two read the same.
    const lines = (text: string): string =>
      text.replaceAll(/%0A|%0D|%22/gi, decodeURIComponent).replaceAll(/[\r\n]+/g, "\n");
    assert.deepEqual(
      got.map(([name, , , text]) => [lines(name), text]),
      fields.map(([name, value]) => [lines(name.toWellFormed()), new TextDecoder().decode(Buffer.from(value))]),
    );
  },
);

test("over a real server: a browser's form, and its limits", async () => {
  const router = new Router().post("/", async (_ctx, req) => {
    const out: [string, string | undefined, number][] = [];
    for await (const part of req.multipart({ maxParts: 2 }))
      out.push([part.name, part.filename, (await part.bytes()).length]);
    return json(out);
  });
  router.post("/form", async (_ctx, req) => json([...(await req.form())]));
  await using up = await serve(router, { bodyLimit: 200_000 });
  const send = (...sizes: number[]): Promise<Response> => {
    const form = new FormData();
    for (const size of sizes) form.append("f", new File(["x".repeat(size)], "ä.bin"));
    return fetch(up.server.url, { method: "POST", body: form });
  };
  assert.deepEqual(await (await send(150_000, 10)).json(), [
    ["f", "ä.bin", 150_000],
    ["f", "ä.bin", 10],
  ]);
  assert.equal((await send(1, 1, 1)).status, 400);
  assert.equal((await send(250_000)).status, 413);
  const post = (body: string | URLSearchParams): Promise<Response> =>
    fetch(`${up.server.url}/form`, { method: "POST", body });
  assert.deepEqual(await (await post(new URLSearchParams({ a: "ä b", c: "&" }))).json(), [
    ["a", "ä b"],
    ["c", "&"],
  ]);
  assert.equal((await post("a=b")).status, 415);
  assert.equal((await post(new URLSearchParams("a=b&".repeat(1001)))).status, 400);
  assert.deepEqual(up.logged, []);
});
