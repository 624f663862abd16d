import assert from "node:assert/strict";
import { test } from "node:test";
import { answerLength } from "./load.ts";

const body = Buffer.from("hello");
const cases = [
  { name: "a whole answer", data: "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", want: 43 },
  { name: "half a head", data: "HTTP/1.1 200 OK\r\nContent-Le", want: 0 },
  { name: "half a body", data: "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhel", want: 0 },
  { name: "another status", data: "HTTP/1.1 503 No\r\nContent-Length: 5\r\n\r\nhello", want: /status/ },
  { name: "another length", data: "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nhello!", want: /content-length/ },
  { name: "another body", data: "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nHELLO", want: /body/ },
];

for (const { name, data, want } of cases) {
  test(`an answer under load: ${name}`, () => {
    const run = (): number => answerLength(Buffer.from(data), body);
    if (want instanceof RegExp) assert.throws(run, want);
    else assert.equal(run(), want);
  });
}
