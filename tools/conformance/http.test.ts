import assert from "node:assert/strict";
import { test } from "node:test";
import { SECTIONS, converseAll } from "./http.ts";
import { answersIn } from "./http/client.ts";
import { millrace } from "./http/subject.ts";

test("answers are read as a client must read them", () => {
  const ok = "HTTP/1.1 200 OK\r\nx-echo: GET /\r\ncontent-length: 2\r\n\r\nab";
  const cases: { received: string; want: string[] }[] = [
    { received: "", want: [] },
    { received: ok, want: ["200 GET /"] },
    { received: ok + ok, want: ["200 GET /", "200 GET /"] },
    { received: ok.slice(0, -1), want: [] },
    { received: "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n", want: ["100", "204"] },
    { received: "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n", want: ["200"] },
    { received: "hello\r\n\r\n", want: ['garbage "hello\\r\\n\\r\\n"'] },
  ];
  for (const { received, want } of cases) assert.deepEqual(answersIn(received), want);
});

test("the rows have names of their own", () => {
  for (const { name, rows } of SECTIONS) {
    const names = rows.map((row) => row.name);
    assert.deepEqual([...new Set(names)], names, name);
  }
});

test("whatever is sent, the HTTP server answers as the rows say", { timeout: 120_000 }, async (t) => {
  await using server = await millrace();
  const got = await converseAll(server.port, SECTIONS);
  for (const { name, rows } of SECTIONS) {
    await t.test(name, () => {
      for (const row of rows) assert.equal(got.get(row), row.want, `${row.name}, ${row.clause}`);
    });
  }
  assert.ok(server.alive);
});
