import assert from "node:assert/strict";
import { test } from "node:test";
import { postgres } from "./index.ts";
import { parseServers } from "./servers.ts";
import { tlsOf } from "./tls.ts";

test("the hosts of a url, each with a url of its own", () => {
  const cases: [url: string, hosts: string[], urls: string[]][] = [
    ["postgres://u:p%40@h/db", ["h:5432"], ["postgres://u:p%40@h:5432/db"]],
    [
      "postgresql://h1:1,h2:2/db?sslmode=require&application_name=x",
      ["h1:1", "h2:2"],
      ["postgresql://h1:1/db?application_name=x", "postgresql://h2:2/db?application_name=x"],
    ],
    ["postgres://u@h1,h2:7/db", ["h1:5432", "h2:7"], ["postgres://u@h1:5432/db", "postgres://u@h2:7/db"]],
    [
      "postgres://[::1]:6000,[fe80::1]/db",
      ["::1:6000", "fe80::1:5432"],
      ["postgres://[::1]:6000/db", "postgres://[fe80::1]:5432/db"],
    ],
    ["postgres:///db?host=h1,h2&port=7", ["h1:7", "h2:7"], ["postgres://h1:7/db", "postgres://h2:7/db"]],
    ["postgres:///db?host=h1,h2&port=7,8", ["h1:7", "h2:8"], ["postgres://h1:7/db", "postgres://h2:8/db"]],
    ["postgres:///db", ["localhost:5432"], ["postgres://localhost:5432/db"]],
    [
      "postgres://u@/db?host=/var/run/postgresql",
      ["/var/run/postgresql:5432"],
      ["postgres://u@/db?host=%2Fvar%2Frun%2Fpostgresql&port=5432"],
    ],
    ["postgres://%2Fvar%2Frun/db", ["/var/run:5432"], ["postgres:///db?host=%2Fvar%2Frun&port=5432"]],
  ];
  for (const [url, hosts, urls] of cases) {
    const { list } = parseServers(url, undefined);
    assert.deepEqual(
      list.map(({ host, port }) => `${host}:${port}`),
      hosts,
      url,
    );
    assert.deepEqual(
      list.map((server) => server.url),
      urls,
    );
  }
  const { list } = parseServers("postgres://u@h/db", ["a:1", "b"]);
  assert.deepEqual(
    list.map((server) => server.url),
    ["postgres://u@a:1/db", "postgres://u@b:5432/db"],
  );
});

test("what is refused, without the url being repeated", () => {
  const cases = [
    "postgres://u:hunter2@h:x/db",
    "postgres://u:hunter2@h:99999/db",
    "postgres://u:hunter2@h1,h2/db?port=1,2,3",
    "postgres://u:hunter2@h/db?sslmode=allow",
    "postgres://u:hunter2@h/db?sslmode=verify-ca",
    "postgres://u:hunter2@h/db?sslnegotiation=direct",
    "postgres://u:hunter2@h/db?target_session_attrs=master",
    "postgres://u:hunter2@h/db?load_balance_hosts=yes",
    "postgres://u:hunter2@h/db?connect_timeout=-1",
    "postgres://u:hunter2@%zz/db",
  ];
  for (const url of cases) {
    assert.throws(
      () => postgres(url),
      (err: Error & { reason?: string }) => err.reason === "sql/bad_url" && !err.message.includes("hunter2"),
      url,
    );
  }
});

test("sslmode as libpq has it, and node-postgres' words", async () => {
  const cases: [parameters: Record<string, string>, mode: string, checks: boolean][] = [
    [{}, "prefer", false],
    [{ sslmode: "disable" }, "disable", false],
    [{ sslmode: "require" }, "require", false],
    [{ sslmode: "no-verify" }, "require", false],
    [{ sslmode: "require", sslrootcert: "system" }, "verify-ca", true],
    [{ sslmode: "verify-full" }, "verify-full", true],
    [{ ssl: "true" }, "verify-full", true],
    [{ ssl: "0" }, "disable", false],
    [{ sslmode: "verify-full", sslnegotiation: "direct" }, "verify-full", true],
  ];
  for (const [parameters, mode, checks] of cases) {
    const tls = tlsOf(new Map(Object.entries(parameters)));
    assert.equal(tls.mode, mode, JSON.stringify(parameters));
    const options = await tls.options();
    assert.equal(options.rejectUnauthorized, checks);
    assert.equal(options.checkServerIdentity === undefined, mode === "verify-full");
  }
});
