import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { loadConfig, type StandardSchema } from "../config/index.ts";
import { background, sleep, withTimeout } from "../context/index.ts";
import { type Log, newLog } from "../log/index.ts";
import { Registry } from "../metrics/index.ts";
import { Secret } from "../secret/index.ts";
import { openAdmin } from "./index.ts";
import { open } from "./testing/setup.ts";

const anyText: StandardSchema<string> = {
  "~standard": { version: 1, vendor: "test", validate: (value) => ({ value: String(value) }) },
};

const settings = (): object => {
  const fields = {
    port: { env: "PORT", schema: anyText, doc: "where it listens" },
    databaseUrl: { env: "DATABASE_URL", schema: anyText },
    apiKey: { env: "API_KEY", schema: anyText, secret: true },
  };
  const env = { PORT: "8080", DATABASE_URL: "postgres://app:s3cret@db/shop", API_KEY: "s3cret" };
  return loadConfig(fields, { env });
};

test("the configuration comes as a table and as JSON, without its secrets", async () => {
  await using up = await open({ config: settings() });
  const { text, headers } = await up.ask("/debug/config");
  assert.match(headers["content-type"] ?? "", /^text\/plain/);
  assert.match(text, /^PORT +"8080" +\S.* +where it listens$/m);
  assert.match(text, /^DATABASE_URL +"postgres:\/\/app:\*\*\*@db\/shop"/m);
  assert.match(text, /^API_KEY +\*\*\* /m);
  const asJson = (await up.ask("/debug/config", { headers: { accept: "application/json" } })).json();
  const rows = asJson["settings"] as { variable: string; value: string; source: string; doc: string }[];
  assert.deepEqual(
    rows.map(({ variable, value, doc }) => [variable, value, doc]),
    [
      ["PORT", '"8080"', "where it listens"],
      ["DATABASE_URL", '"postgres://app:***@db/shop"', ""],
      ["API_KEY", "***", ""],
    ],
  );
  assert.ok(rows.every(({ source }) => source !== ""));
  assert.doesNotMatch(text + JSON.stringify(asJson), /s3cret/);
  await assert.rejects(openAdmin(background, { config: {} }), /want what loadConfig returned/);
});

test("variables are the process's and the application's, and one that fails costs itself alone", async () => {
  const circle: Record<string, unknown> = {};
  circle["self"] = circle;
  await using up = await open({
    vars: {
      queue: () => ({ length: 3, big: 2n ** 64n }),
      nothing: () => undefined,
      token: () => "s3cret",
      nested: () => ({ key: new Secret("s3cret"), user: { Api_Key: "s3cret" }, url: "redis://:s3cret@cache" }),
      broken: () => {
        throw new Error("no postgres://u:s3cret@db");
      },
      circle: () => circle,
      fn: () => () => 1,
    },
  });
  const answer = await up.ask("/debug/vars");
  const all = answer.json();
  assert.equal(all["pid"], process.pid);
  const { rss, heapUsed, heapLimit } = all["memory"] as Record<string, number>;
  assert.ok(rss! > heapUsed! && heapLimit! > heapUsed! && heapUsed! > 1e6);
  assert.ok((all["cpuSeconds"] as { user: number }).user > 0);
  assert.equal((all["versions"] as Record<string, string>)["node"], process.versions.node);
  const { utilization, sinceLastAsked } = all["eventLoop"] as Record<string, number>;
  assert.ok([utilization!, sinceLastAsked!].every((part) => part >= 0 && part <= 1));
  const { broken, circle: circular, ...vars } = all["vars"] as Record<string, Record<string, string>>;
  assert.deepEqual(vars, {
    queue: { length: 3, big: "18446744073709551616" },
    nothing: null,
    token: "***",
    nested: { key: "***", user: { Api_Key: "***" }, url: "redis://:***@cache" },
    fn: null,
  });
  assert.match(broken!["threw"]!, /^Error: no postgres:\/\/u:\*\*\*@db/);
  assert.match(circular!["threw"]!, /circular/);
  assert.doesNotMatch(answer.text, /s3cret/);
});

test("metrics come as whoever asks accepts them, and what was not given is not there", async () => {
  const metrics = new Registry();
  metrics.counter("shop_orders_total", { help: "Orders." }).inc();
  await using up = await open({ metrics });
  const plain = await up.ask("/metrics");
  assert.equal(plain.headers["content-type"], "text/plain; version=0.0.4; charset=utf-8");
  assert.match(plain.text, /^shop_orders_total 1$/m);
  const accept = "application/openmetrics-text; version=1.0.0";
  const open_ = await up.ask("/metrics", { headers: { accept } });
  assert.match(open_.headers["content-type"] ?? "", /^application\/openmetrics-text/);
  assert.match(open_.text, /# EOF\n$/);
  assert.match((await up.ask("/")).text, /href="\/metrics"/);

  await using bare = await open();
  const index = (await bare.ask("/")).text;
  assert.match(index, /href="\/debug\/tasks"/);
  for (const path of ["/metrics", "/debug/config", "/debug/log"]) {
    assert.equal((await bare.ask(path)).status, 404);
    assert.ok(!index.includes(path));
  }
});

describe("the log's level", () => {
  const setup = (): { log: Log; lines: () => string } => {
    let text = "";
    return { log: newLog({ out: { write: (line) => (text += line) } }), lines: () => text };
  };
  const level = async (log: Log, want: string): Promise<void> => {
    using limit = withTimeout(background, 10_000);
    while (log.level !== want) await sleep(limit, 1);
  };

  test("is shown, and changed for good, for all that was made of the log, with a line that says so", async () => {
    const { log, lines } = setup();
    const child = log.with({ a: 1 });
    await using up = await open({ log });
    assert.deepEqual((await up.ask("/debug/log")).json(), { level: "info", until: null, then: null });
    const put = await up.ask("/debug/log", { method: "PUT", body: { level: "debug" } });
    assert.deepEqual([put.status, put.json()], [200, { level: "debug", until: null, then: null }]);
    assert.ok(child.enabled("debug"));
    assert.match(lines(), /"level":"warn".*"from":"info","to":"debug","for":"until it is changed".*level was changed/);
    await up.admin[Symbol.asyncDispose]();
    assert.equal(log.level, "debug");
  });

  test("goes back by itself, to what it was before all changes for a while", async () => {
    const { log } = setup();
    await using up = await open({ log });
    const long = await up.ask("/debug/log", { method: "PUT", body: { level: "debug", for: "1h" } });
    const { until, then } = long.json();
    assert.equal(then, "info");
    assert.ok(Math.abs(Date.parse(String(until)) - Date.now() - 3_600_000) < 60_000);
    await up.ask("/debug/log", { method: "PUT", body: { level: "error", for: "20ms" } });
    await level(log, "info");
    assert.deepEqual((await up.ask("/debug/log")).json(), { level: "info", until: null, then: null });
  });

  test("stays as a change for good has it, also after one for a while", async () => {
    const { log } = setup();
    await using up = await open({ log });
    await up.ask("/debug/log", { method: "PUT", body: { level: "debug", for: "1h" } });
    const put = await up.ask("/debug/log", { method: "PUT", body: { level: "warn" } });
    assert.deepEqual(put.json(), { level: "warn", until: null, then: null });
    await up.admin[Symbol.asyncDispose]();
    assert.equal(log.level, "warn");
  });

  test("goes back when the server closes", async () => {
    const { log } = setup();
    await using up = await open({ log });
    await up.ask("/debug/log", { method: "PUT", body: { level: "debug", for: "1h" } });
    await up.admin[Symbol.asyncDispose]();
    assert.equal(log.level, "info");
  });

  test("changes to nothing else", async () => {
    const { log } = setup();
    await using up = await open({ log });
    const put = (body: unknown, headers = {}) => up.ask("/debug/log", { method: "PUT", body, headers });
    for (const body of [null, [], "debug", {}, { level: "loud" }, { level: 1 }]) {
      const answer = await put(body);
      assert.equal(answer.status, 400);
      assert.deepEqual(answer.json()["issues"], [
        { path: "level", message: "must be one of debug, info, warn, error" },
      ]);
    }
    for (const time of ["0", "25h", "soon", "-1m", 5, null, {}]) {
      const answer = await put({ level: "debug", for: time });
      const [issue] = answer.json()["issues"] as { path: string; message: string }[];
      assert.deepEqual([answer.status, issue?.path], [400, "for"], String(time));
      assert.match(issue!.message, /from 1ms to 24h/);
    }
    assert.equal((await put({ level: "debug" }, { "content-type": "text/plain" })).status, 415);
    assert.equal((await put({ level: "debug", more: "x".repeat(5000) })).status, 413);
    assert.equal(log.level, "info");
  });
});
