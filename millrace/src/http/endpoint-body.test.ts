import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import { bodyLimit } from "../middleware/index.ts";
import { endpoint } from "./endpoint.ts";
import { form, multipart } from "./endpoint-body.ts";
import { serve } from "./node/testing/setup.ts";
import { json } from "./reply.ts";
import { Router } from "./router.ts";

const login = z.object({
  email: z.email(),
  remember: z.coerce.boolean().default(false),
  tags: z.array(z.string()).default([]),
});
const upload = multipart({
  fields: z.object({ title: z.string().min(1), tags: z.array(z.string()).default([]) }),
  files: {
    cover: { maxBytes: 10, types: ["image/png", "image/jpeg"] },
    note: { maxBytes: 10, optional: true },
    pages: { maxBytes: 5, maxCount: 2 },
  },
});
const router = new Router()
  .post(
    "/login",
    endpoint({ body: form(login) }, (_ctx, { body }) => json([body.email, body.remember, body.tags.length])),
  )
  .post(
    "/upload",
    endpoint({ use: [bodyLimit(2000)], query: z.object({ n: z.coerce.number() }), body: upload }, (_ctx, { body }) => {
      const { cover, note, pages } = body.files;
      const size: number = cover.bytes.length + (note?.bytes.length ?? 0);
      return json([
        body.fields.title,
        body.fields.tags,
        cover.filename,
        cover.type,
        size,
        pages.map((p) => p.bytes.length),
      ]);
    }),
  )
  .post(
    "/bare",
    endpoint({ body: multipart({ files: { only: { maxBytes: 10 } } }) }, (_ctx, { body }) =>
      json(body.files.only.filename),
    ),
  );

interface Problem {
  readonly status: number;
  readonly reason: string;
  readonly issues?: readonly { readonly path: string; readonly message: string }[];
}

type Sent = string | URLSearchParams | FormData;

async function ask(
  url: string,
  path: string,
  body: Sent,
  headers: Record<string, string> = {},
): Promise<[number, unknown]> {
  const response = await fetch(url + path, { method: "POST", body, headers });
  const answer: unknown = await response.json();
  if (response.status === 200) return [200, answer];
  assert.equal(response.headers.get("content-type"), "application/problem+json");
  // Only a problem has that type.
  const { reason, issues = [] } = answer as Problem;
  return [response.status, [reason, ...issues.map((issue) => issue.path)]];
}

function parts(...entries: [name: string, value: string | Blob, filename?: string][]): FormData {
  const data = new FormData();
  for (const [name, value, filename] of entries) {
    if (typeof value === "string") data.append(name, value);
    else data.append(name, value, filename);
  }
  return data;
}
const png = new Blob(["0123"], { type: "image/png" });
const of = (length: number): Blob => new Blob(["x".repeat(length)]);

test("a form is valid input, or a problem", async (t) => {
  await using up = await serve(router);
  const cases: { name: string; body: Sent; headers?: Record<string, string>; want: [number, unknown] }[] = [
    {
      name: "all fields",
      body: new URLSearchParams("email=a@b.de&remember=1&tags=x"),
      want: [200, ["a@b.de", true, 1]],
    },
    { name: "a list", body: new URLSearchParams("email=a@b.de&tags=x&tags=y"), want: [200, ["a@b.de", false, 2]] },
    { name: "wrong", body: new URLSearchParams("email=nobody"), want: [400, ["http/invalid_request", "email"]] },
    {
      name: "JSON",
      body: "{}",
      headers: { "content-type": "application/json" },
      want: [415, ["http/unsupported_media_type"]],
    },
    { name: "multipart", body: parts(["email", "a@b.de"]), want: [415, ["http/unsupported_media_type"]] },
    { name: "too many fields", body: new URLSearchParams("a=1&".repeat(1001)), want: [400, ["http/bad_form"]] },
  ];
  for (const { name, body, headers, want } of cases)
    await t.test(name, async () => assert.deepEqual(await ask(up.server.url, "/login", body, headers), want));
});

test("fields and files of a multipart body are valid input, or a problem", async (t) => {
  await using up = await serve(router);
  const title = ["title", "T"] as const;
  const invalid = (...paths: string[]): [number, unknown] => [400, ["http/invalid_request", ...paths]];
  const cases: {
    name: string;
    body: Sent;
    query?: string;
    headers?: Record<string, string>;
    want: [number, unknown];
  }[] = [
    {
      name: "all of it, in any order",
      body: parts(
        ["cover", png, "c.png"],
        ["tags", "a"],
        ["pages", of(1), "1"],
        ["note", of(3), "n"],
        ["pages", of(2), "2"],
        [...title],
      ),
      want: [200, ["T", ["a"], "c.png", "image/png", 7, [1, 2]]],
    },
    {
      name: "what is needed",
      body: parts([...title], ["cover", png, "c"]),
      want: [200, ["T", [], "c", "image/png", 4, []]],
    },
    {
      name: "a file that was not chosen",
      body: parts([...title], ["cover", new Blob([]), ""]),
      want: invalid("cover"),
    },
    {
      name: "everything that is wrong at once",
      body: parts(["title", ""]),
      query: "?n=x",
      want: invalid("query.n", "cover", "title"),
    },
    {
      name: "another type",
      body: parts([...title], ["cover", new Blob(["x"], { type: "text/html" }), "c"]),
      want: invalid("cover"),
    },
    {
      name: "two where there is one",
      body: parts([...title], ["cover", png, "a"], ["cover", png, "b"]),
      want: invalid("cover"),
    },
    {
      name: "one too many",
      body: parts([...title], ["cover", png, "a"], ["pages", of(1), "1"], ["pages", of(1), "2"], ["pages", of(1), "3"]),
      want: invalid("pages"),
    },
    {
      name: "a file that nobody expects",
      body: parts([...title], ["cover", png, "a"], ["__proto__", of(1), "x"]),
      want: invalid("__proto__"),
    },
    { name: "a text where a file should be", body: parts([...title], ["cover", "x"]), want: invalid("cover") },
    { name: "a file too long", body: parts([...title], ["cover", of(11), "a"]), want: [413, ["http/body_too_large"]] },
    {
      name: "all of it too long",
      body: parts(["title", "x".repeat(3000)], ["cover", png, "a"]),
      want: [413, ["http/body_too_large"]],
    },
    { name: "a form", body: new URLSearchParams("title=T"), want: [415, ["http/unsupported_media_type"]] },
    {
      name: "half a body",
      body: '--x\r\ncontent-disposition: form-data; name="title"\r\n\r\nT',
      headers: { "content-type": "multipart/form-data; boundary=x" },
      want: [400, ["http/bad_multipart"]],
    },
  ];
  for (const { name, body, query = "?n=1", headers, want } of cases)
    await t.test(name, async () => assert.deepEqual(await ask(up.server.url, `/upload${query}`, body, headers), want));
});

test("without a schema the fields are read over, and limits that are none do not pass", async () => {
  await using up = await serve(router);
  assert.deepEqual(await ask(up.server.url, "/bare", parts(["any", "x"], ["only", of(1), "f"])), [200, "f"]);
  assert.throws(() => multipart({ files: { a: { maxBytes: 0 } } }), /multipart: a: maxBytes must be at least 1, not 0/);
  assert.throws(() => multipart({ files: { a: { maxBytes: 1, maxCount: 1.5 } } }), /a: maxCount must be/);
  const optional = multipart({ files: { a: { maxBytes: 1, optional: true } } });
  // @ts-expect-error: an optional file may be missing
  endpoint({ body: optional }, (_ctx, { body }) => json(body.files.a.type));
});
