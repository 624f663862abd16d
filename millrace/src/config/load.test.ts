import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import fc from "fast-check";
import { z } from "zod";
import { is } from "../errors/index.ts";
import { Secret } from "../secret/index.ts";
import {
  ConfigFailure,
  type ConfigOptions,
  ConfigPrinted,
  type Fields,
  type StandardSchema,
  loadConfig,
  printConfig,
  urlParts,
} from "./index.ts";

const PORT = { env: "PORT", schema: z.coerce.number().int().min(1).max(65535).default(8080), doc: "where it listens" };
const URL_FIELD = { env: "DATABASE_URL", schema: z.url(), secret: true } as const;

function failure(fields: Fields, options: ConfigOptions): ConfigFailure {
  try {
    loadConfig(fields, options);
  } catch (err) {
    assert.ok(err instanceof ConfigFailure, String(err));
    return err;
  }
  return assert.fail("loadConfig did not throw");
}

function folder(files: Readonly<Record<string, string>>): { at: (name: string) => string } & Disposable {
  const path = mkdtempSync(join(tmpdir(), "millrace-config-"));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(path, name), text);
  return { at: (name) => join(path, name), [Symbol.dispose]: () => rmSync(path, { recursive: true }) };
}

// A schema of another library, with what validate does.
function schema<T>(validate: StandardSchema<T>["~standard"]["validate"]): StandardSchema<T> {
  return { "~standard": { version: 1, vendor: "test", validate } };
}

test("values have the types of their schemas, secrets are Secret", () => {
  const settings = loadConfig(
    {
      port: PORT,
      databaseUrl: URL_FIELD,
      token: { env: "TOKEN", schema: z.string().optional(), secret: true },
      debug: { env: "DEBUG", schema: z.stringbool().default(false) },
    },
    { env: { PORT: "3000", DATABASE_URL: "postgres://a:hunter2@h/d", UNKNOWN: "1" } },
  );
  const port: number = settings.port;
  const databaseUrl: Secret<string> = settings.databaseUrl;
  const token: Secret<string> | undefined = settings.token;
  const debug: boolean = settings.debug;
  assert.deepEqual([port, databaseUrl.reveal(), token, debug], [3000, "postgres://a:hunter2@h/d", undefined, false]);
  assert.throws(() => Object.assign(settings, { port: 1 }), TypeError);
  assert.doesNotMatch(JSON.stringify(settings), /hunter2/);
});

test("process.env is read by default", () => {
  assert.equal(loadConfig({ path: { env: "PATH", schema: z.string() } }).path, process.env["PATH"]);
});

test("an empty variable counts as missing", () => {
  assert.equal(loadConfig({ port: PORT }, { env: { PORT: "" } }).port, 8080);
  assert.equal(failure({ url: URL_FIELD }, { env: { DATABASE_URL: "" } }).problems[0]!.got, undefined);
  using dir = folder({ ".env": "PORT=9000\n" });
  assert.equal(loadConfig({ port: PORT }, { env: { PORT: "" }, files: [dir.at(".env")] }).port, 9000);
});

test("the environment wins over the files, the first file over the next", () => {
  using dir = folder({
    ".env.local": "A=local\nB=local\n",
    ".env": '# all\nA=file\nB=file\nexport C="fi\\nle" # note\n',
  });
  const text = { schema: z.string() };
  const settings = loadConfig(
    { a: { env: "A", ...text }, b: { env: "B", ...text }, c: { env: "C", ...text } },
    { env: { A: "env" }, files: [dir.at(".env.local"), dir.at(".env"), dir.at("missing")] },
  );
  assert.deepEqual({ ...settings }, { a: "env", b: "local", c: "fi\nle" });
});

test("a JSON file is a source: members are words of a name, arrays lists, null nothing", () => {
  using dir = folder({
    "config.json": JSON.stringify({
      database: { url: "postgres://h/d", maxConns: 5, "read-only": true },
      PORT: 9000,
      hosts: ["a", "b", 3],
      none: null,
      constructor: "it",
    }),
    ".env": "PORT=1\nNONE=from .env\n",
  });
  const names = ["DATABASE_URL", "DATABASE_MAX_CONNS", "DATABASE_READ_ONLY", "PORT", "HOSTS", "NONE", "CONSTRUCTOR"];
  const fields = Object.fromEntries(names.map((env) => [env, { env, schema: z.string().optional() }]));
  const settings = loadConfig(fields, {
    env: { HOSTS: "env" },
    files: [dir.at("config.json"), dir.at(".env"), dir.at("missing.json")],
  });
  assert.deepEqual(Object.values(settings), ["postgres://h/d", "5", "true", "9000", "env", "from .env", "it"]);
});

describe("a file that is none of settings is a problem beside the others, which quotes nothing", () => {
  const cases = [
    {
      name: "a.json",
      text: '{ "password": hunter2 }',
      want: /a\.json is not readable\n {4}want JSON, which it is not/,
    },
    { name: "a.json", text: '["hunter2"]', want: /want an object of settings, not array/ },
    {
      name: "a.json",
      text: '{ "a": [{ "b": "hunter2" }] }',
      want: /a: want texts and numbers in the array, not object/,
    },
    { name: "a.json", text: '{ "a": { "b": 1 }, "A_B": 2 }', want: /A_B: another member is A_B too/ },
    { name: "a.yaml", text: "a: hunter2", want: /YAML is not read/ },
  ];
  for (const { name, text, want } of cases) {
    test(`${name}: ${text}`, () => {
      using dir = folder({ [name]: text });
      const { message, problems } = failure({ url: URL_FIELD }, { env: {}, files: [dir.at(name)] });
      assert.match(message, want);
      assert.equal(problems.length, 2);
      assert.doesNotMatch(message, /hunter2/);
    });
  }
});

test("--print-config throws what is shown, unless something is wrong", () => {
  const argv = ["node", "main.ts", "--print-config"];
  const env = { DATABASE_URL: "postgres://u:hunter2@h/d" };
  assert.throws(
    () => loadConfig({ port: PORT, url: URL_FIELD }, { env, argv }),
    (err) => {
      assert.ok(err instanceof ConfigPrinted);
      assert.match(err.message, /^PORT +8080 +default +where it listens\nDATABASE_URL +\*\*\* +environment$/);
      return true;
    },
  );
  assert.throws(() => loadConfig({ port: PORT, url: URL_FIELD }, { env: {}, argv }), ConfigFailure);
});

test("a variable called as a member of every object is only a variable", () => {
  assert.equal(loadConfig({ a: { env: "constructor", schema: z.string().optional() } }, { env: {} }).a, undefined);
});

describe("problems", () => {
  test("all at once, on one screen, with the variable, what came and from where", () => {
    using dir = folder({ ".env": "PORT=abc\n" });
    mkdirSync(dir.at("folder"));
    const err = failure(
      {
        port: PORT,
        url: URL_FIELD,
        mode: { env: "MODE", schema: z.enum(["a", "b"]) },
        ok: { env: "OK", schema: z.string().default("x") },
      },
      { env: { DATABASE_URL: "hunter2 is no URL" }, files: [dir.at(".env"), dir.at("folder")] },
    );
    assert.deepEqual(
      err.problems.map((problem) => problem.variable),
      [dir.at("folder"), "PORT", "DATABASE_URL", "MODE"],
    );
    assert.ok(is(err, "invalid_argument"));
    assert.equal(err.reason, "config/invalid");
    const lines = err.message.split("\n");
    assert.equal(lines[0], "config: 4 problems with the configuration:");
    assert.ok(lines.includes(`  PORT is "abc", from ${dir.at(".env")}`), err.message);
    assert.ok(lines.includes("    (where it listens)"), err.message);
    assert.ok(lines.includes("  DATABASE_URL is a secret of 17 characters, from environment"), err.message);
    assert.ok(lines.includes("  MODE is missing"), err.message);
    assert.match(err.message, /folder is not readable\n {4}EISDIR/);
    assert.doesNotMatch(err.message, /hunter2/);
  });

  const cases = [
    { name: "a promise", schema: schema(() => Promise.resolve({ value: 1 })), want: /asynchronous/ },
    {
      name: "a promise that rejects",
      schema: schema(() => Promise.reject(new Error("hunter2"))),
      want: /asynchronous/,
    },
    { name: "an async refinement of zod", schema: z.string().refine(async () => true), want: /asynchronous/ },
    {
      name: "a schema that throws",
      schema: schema(() => {
        throw new RangeError("hunter2");
      }),
      want: /threw \(RangeError\)/,
    },
    {
      name: "a message that quotes the secret",
      schema: schema((v) => ({ issues: [{ message: `bad: ${String(v)}` }] })),
      want: /left out/,
    },
    {
      name: "a message that quotes it changed",
      schema: schema((v) => ({ issues: [{ message: `bad: ${String(v).toUpperCase().slice(3)}` }] })),
      want: /left out/,
    },
  ];
  for (const { name, schema, want } of cases) {
    test(`${name} is reported without the secret`, () => {
      const { message } = failure({ a: { env: "A", schema, secret: true } }, { env: { A: "my hunter2 secret" } });
      assert.match(message, want);
      assert.doesNotMatch(message, /hunter2/i);
    });
  }

  test("a long value is cut, the password of a URL hidden, even if the field is not marked", () => {
    const none = schema(() => ({ issues: [{ message: "no" }] }));
    const { message } = failure(
      { a: { env: "A", schema: none }, b: { env: "B", schema: none } },
      { env: { A: "x".repeat(500), B: "redis://u:hunter2@h" } },
    );
    assert.match(message, /"x{80}…"/);
    assert.match(message, /redis:\/\/u:\*\*\*@h/);
  });

  test("no secret of 8 characters or more is ever in a message", () => {
    const quoting = schema((value) => ({ issues: [{ message: `was ${JSON.stringify(value)}` }] }));
    fc.assert(
      fc.property(fc.string({ minLength: 8 }), (value) => {
        const { message } = failure({ a: { env: "A", schema: quoting, secret: true } }, { env: { A: value } });
        assert.equal(message.includes(value), false);
      }),
    );
  });
});

describe("urlParts", () => {
  const load = (env: Record<string, string>): string =>
    loadConfig({ url: URL_FIELD }, { env, derive: [urlParts("DATABASE_URL")] }).url.reveal();
  const cases = [
    {
      name: "all parts",
      env: { DB_HOST: "h", DB_PORT: "5433", DB_USER: "u", DB_PASSWORD: "p", DB_NAME: "d" },
      want: "postgres://u:p@h:5433/d",
    },
    { name: "host and name", env: { DB_HOST: "h", DB_NAME: "d" }, want: "postgres://h/d" },
    {
      name: "escapes",
      env: { DB_HOST: "h", DB_USER: "u@x", DB_PASSWORD: "p:/?#@%", DB_NAME: "a/b" },
      want: "postgres://u%40x:p%3A%2F%3F%23%40%25@h/a%2Fb",
    },
    { name: "IPv6", env: { DB_HOST: "::1", DB_NAME: "d" }, want: "postgres://[::1]/d" },
    {
      name: "socket",
      env: { DB_HOST: "/var/run/postgresql", DB_NAME: "d" },
      want: "postgres://%2Fvar%2Frun%2Fpostgresql/d",
    },
    {
      name: "the URL wins",
      env: { DATABASE_URL: "postgres://x/y", DB_HOST: "h", DB_NAME: "d" },
      want: "postgres://x/y",
    },
  ];
  for (const { name, env, want } of cases) test(name, () => assert.equal(load(env), want));

  test("an incomplete set names what is missing", () => {
    const err = failure(
      { url: URL_FIELD },
      { env: { DB_USER: "u", DB_PASSWORD: "hunter2" }, derive: [urlParts("DATABASE_URL")] },
    );
    assert.match(
      err.message,
      /DATABASE_URL is missing\n {4}want its value, or DB_HOST and DB_NAME beside DB_USER, DB_PASSWORD/,
    );
    assert.doesNotMatch(err.message, /hunter2/);
  });

  test("none of them is a missing variable", () => {
    const optional = { env: "DATABASE_URL", schema: z.url().optional() };
    assert.equal(loadConfig({ url: optional }, { env: {}, derive: [urlParts("DATABASE_URL")] }).url, undefined);
  });

  test("prefix and scheme can be chosen", () => {
    const settings = loadConfig(
      { url: { env: "R", schema: z.string() } },
      { env: { MQ_HOST: "h", MQ_NAME: "0" }, derive: [urlParts("R", { scheme: "amqp", prefix: "MQ_" })] },
    );
    assert.equal(settings.url, "amqp://h/0");
  });
});

describe("printConfig", () => {
  test("shows values, sources and docs, and no secret", () => {
    using dir = folder({ ".env": "NAME=shop\n" });
    const settings = loadConfig(
      {
        port: PORT,
        url: URL_FIELD,
        name: { env: "NAME", schema: z.string() },
        proxy: { env: "PROXY", schema: z.string() },
        big: { env: "BIG", schema: z.coerce.bigint() },
        none: { env: "NONE", schema: z.string().optional() },
      },
      {
        env: { DB_HOST: "h", DB_NAME: "d", DB_PASSWORD: "hunter2", PROXY: "http://u:hunter2@p", BIG: "7" },
        files: [dir.at(".env")],
        derive: [urlParts("DATABASE_URL")],
      },
    );
    const table = printConfig(settings)
      .split("\n")
      .map((line) => line.split(/ {2,}/));
    assert.deepEqual(table, [
      ["PORT", "8080", "default", "where it listens"],
      ["DATABASE_URL", "***", "DB_HOST, DB_PASSWORD, DB_NAME"],
      ["NAME", '"shop"', dir.at(".env")],
      ["PROXY", '"http://u:***@p"', "environment"],
      ["BIG", '"7"', "environment"],
      ["NONE", "-", "not set"],
    ]);
  });

  test("takes only what loadConfig returned", () => {
    assert.throws(() => printConfig({}), /want what loadConfig returned/);
  });
});
