import assert from "node:assert/strict";
import { ServerResponse } from "node:http";
import { test } from "node:test";
import { headWriter, overWriteHead, ownHead, worksWith } from "./own-head.ts";

test("this Node's responses take a head as it is", () => {
  assert.equal(headWriter(), ownHead);
});

test("a writer that does not give the very bytes is found out", () => {
  assert.equal(worksWith(ownHead), true);
  assert.equal(
    worksWith((res, status, head, framing) => ownHead(res, status, head.replace("200", "201"), framing)),
    false,
  );
  assert.equal(
    worksWith(() => {
      throw new Error("gone");
    }),
    false,
  );
});

test("the fallback writes the same status and headers", () => {
  const res = new ServerResponse({ method: "GET", httpVersionMajor: 1, httpVersionMinor: 1 } as never);
  const head = "HTTP/1.1 203 X\r\nx-a: b: c\r\nset-cookie: 1\r\nset-cookie: 2\r\ncontent-length: 2\r\n\r\n";
  overWriteHead(res, 203, head, { chunked: false, bodiless: false, last: true });
  // What Node is about to send.
  const written = (res as unknown as { _header: string })._header.toLowerCase();
  for (const line of [
    "http/1.1 203 ",
    "x-a: b: c\r\n",
    "set-cookie: 1\r\nset-cookie: 2\r\n",
    "connection: close\r\n",
  ]) {
    assert.ok(written.includes(line), line);
  }
  assert.doesNotMatch(written, /date:/);
});
