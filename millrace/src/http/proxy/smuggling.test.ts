import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { newClient } from "../client/index.ts";
import { upstream } from "../client/testing/upstream.ts";
import { text } from "../index.ts";
import { rawClient } from "../node/testing/raw-client.ts";
import { serve } from "../node/testing/setup.ts";
import { proxy } from "./index.ts";
import { rawUpstream } from "./testing/raw-upstream.ts";

const HIDDEN = "GET /hidden HTTP/1.1\r\nHost: x\r\n\r\n";
// The hidden request as one chunk, and as a body of that length.
const CHUNK = `${HIDDEN.length.toString(16)}\r\n${HIDDEN}\r\n0\r\n\r\n`;

// Messages whose end two parsers may see in different places.
// Source: https://portswigger.net/web-security/request-smuggling and RFC 9112 section 11.2.
const cases: readonly [name: string, headers: string, body: string][] = [
  ["length and chunks", `Content-Length: 4\r\nTransfer-Encoding: chunked`, `0\r\n\r\n${HIDDEN}`],
  ["chunks and length", `Transfer-Encoding: chunked\r\nContent-Length: ${HIDDEN.length}`, `0\r\n\r\n${HIDDEN}`],
  ["two lengths", `Content-Length: 0\r\nContent-Length: ${HIDDEN.length}`, HIDDEN],
  ["two lengths in one", `Content-Length: 0, ${HIDDEN.length}`, HIDDEN],
  ["a signed length", `Content-Length: +${HIDDEN.length}`, HIDDEN],
  ["a length in hex", `Content-Length: 0x${HIDDEN.length.toString(16)}`, HIDDEN],
  ["a length with a space", `Content-Length : ${HIDDEN.length}`, HIDDEN],
  ["a length that is a word", `Content-Length: x`, HIDDEN],
  ["a negative length", `Content-Length: -1`, HIDDEN],
  ["chunks with a space before the colon", `Transfer-Encoding : chunked`, `0\r\n\r\n${HIDDEN}`],
  ["chunks with a tab", `Transfer-Encoding:\tchunked`, `0\r\n\r\n${HIDDEN}`],
  ["chunks with a vertical tab", `Transfer-Encoding: \x0bchunked`, `0\r\n\r\n${HIDDEN}`],
  ["chunks that are no chunks", `Transfer-Encoding: xchunked\r\nContent-Length: 4`, `0\r\n\r\n${HIDDEN}`],
  ["chunks and identity", `Transfer-Encoding: chunked, identity`, CHUNK],
  ["chunks twice", `Transfer-Encoding: chunked\r\nTransfer-Encoding: identity`, CHUNK],
  ["chunks in a folded line", `Transfer-Encoding:\r\n chunked`, CHUNK],
  ["a header that is hidden by a bare line feed", `X: y\nTransfer-Encoding: chunked`, `0\r\n\r\n${HIDDEN}`],
  ["a header that is hidden by a bare return", `X: y\rTransfer-Encoding: chunked`, `0\r\n\r\n${HIDDEN}`],
  ["a chunk size with an extension of lines", `Transfer-Encoding: chunked`, `2;\nxx\r\nab\r\n0\r\n\r\n`],
  ["a chunk size that is too long", `Transfer-Encoding: chunked`, `fffffffffffffffff\r\n${HIDDEN}`],
  ["a chunk size in signs", `Transfer-Encoding: chunked`, `-1\r\n${HIDDEN}`],
  ["a chunk that ends in a bare line feed", `Transfer-Encoding: chunked`, `0\n\n${HIDDEN}`],
  ["Connection that names Content-Length", `Connection: Content-Length\r\nContent-Length: ${HIDDEN.length}`, HIDDEN],
  ["Connection that names Transfer-Encoding", `Connection: Transfer-Encoding\r\nTransfer-Encoding: chunked`, CHUNK],
  ["a trailer that is a length", `Transfer-Encoding: chunked`, `0\r\nContent-Length: ${HIDDEN.length}\r\n\r\n`],
  ["a trailer that says who asks", `Transfer-Encoding: chunked`, `0\r\nX-Forwarded-For: 6.6.6.6\r\nHost: evil\r\n\r\n`],
  ["an upgrade with a body", `Connection: Upgrade\r\nUpgrade: h2c\r\nContent-Length: ${HIDDEN.length}`, HIDDEN],
  ["Expect with a body", `Expect: 100-continue\r\nContent-Length: ${HIDDEN.length}`, HIDDEN],
];

describe("the upstream sees the same requests as the proxy", () => {
  for (const method of ["POST", "GET"]) {
    for (const [name, headers, body] of cases) {
      test(`${method}: ${name}`, async () => {
        const behind: string[] = [];
        await using up = await upstream(async (_ctx, req) => {
          behind.push(
            `${req.method} ${req.path} ${req.header("host")} ${req.header("x-forwarded-for")} ${await req.text()}`,
          );
          return text("ok");
        });
        await using client = newClient({ baseUrl: up.url, maxConnections: 1 });
        const inFront: string[] = [];
        const forward = proxy(client);
        await using front = await serve((ctx, req) => {
          inFront.push(`${req.method} ${req.path}`);
          return forward(ctx, req);
        });
        using raw = await rawClient(front.server.addr);
        raw.send(`${method} /seen HTTP/1.1\r\nHost: x\r\n${headers}\r\n\r\n${body}`);
        // Node drops what comes in one piece with a request to upgrade, behind it.
        if (headers.includes("Upgrade:")) await raw.until(/ok$/);
        raw.send(HIDDEN.replace("hidden", "last").replace("Host", "Connection: close\r\nHost"));
        await raw.end();
        const first = (line: string): string => line.split(" ", 2).join(" ");
        const seen = behind.map(first);
        // What was refused in the middle of its body may have been begun; nothing else comes of it.
        assert.deepEqual(seen, inFront.slice(0, seen.length));
        for (const line of behind) {
          assert.match(line, new RegExp(`^\\w+ \\S+ ${new URL(up.url).host} 127\\.0\\.0\\.1 `));
        }
      });
    }
  }
});

test("an answer that nobody has asked for reaches nobody", async () => {
  const extra = "HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\npoisoned";
  await using up = await rawUpstream((socket) =>
    socket.write(`HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok${extra}`),
  );
  await using client = newClient({ baseUrl: up.url, maxConnections: 1 });
  await using front = await serve(proxy(client));
  for (let i = 0; i < 5; i++) {
    const body = await fetch(front.server.url).then(
      (response) => (response.ok ? response.text() : "refused"),
      () => "broken",
    );
    assert.notEqual(body, "poisoned");
  }
});

const broken: readonly [name: string, answer: string][] = [
  [
    "length and chunks",
    "HTTP/1.1 200 OK\r\nContent-Length: 50\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
  ],
  ["two lengths", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 50\r\n\r\nok"],
  ["a header that splits", "HTTP/1.1 200 OK\r\nX: a\rSet-Cookie: b\r\nContent-Length: 2\r\n\r\nok"],
  ["a status that is none", "HTTP/1.1 99 No\r\nContent-Length: 2\r\n\r\nok"],
  ["an upgrade that nobody wanted", "HTTP/1.1 101 Switching\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n"],
  ["headers without end", `HTTP/1.1 200 OK\r\n${"X: y\r\n".repeat(10_000)}`],
];
for (const [name, answer] of broken) {
  test(`an answer of ${name} is a 502`, async () => {
    await using up = await rawUpstream((socket) => socket.write(answer));
    await using client = newClient({ baseUrl: up.url, retry: false });
    await using front = await serve(proxy(client));
    const response = await fetch(front.server.url);
    assert.equal(response.status, 502);
  });
}
