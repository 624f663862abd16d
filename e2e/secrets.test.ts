import assert from "node:assert/strict";
import { describe, it } from "node:test";
import pg from "pg";
import { newCollector } from "./collector.ts";
import { PLACES } from "./database.ts";
import { type Leak, leaks } from "./leaks.ts";
import { Storefront } from "./storefront.ts";

// Nobody else writes these.
const SECRETS = {
  "the admin token": "canary-admin-token-7f3a",
  "the collector's key": "canary-collector-key-7f3a",
  "a bearer of a client": "canary-bearer-7f3a",
  "a cookie": "canary-cookie-7f3a",
  "a token in a query": "canary-query-7f3a",
  "an idempotency key": "canary-idempotency-7f3a",
  "a name of a user": "Canary Person 7f3a",
  "an e-mail address of a user": "canary-7f3a@example.com",
  "a field of a body": "canary-body-7f3a",
  "an address that is none": "canary.7f3a(at)example.invalid",
};
const S = SECRETS;

/** provoke sends secrets and personal data wherever a client can, to what is done, refused, and fails. */
async function provoke(shop: Storefront, breakIt: () => Promise<void>): Promise<void> {
  const headers = {
    authorization: `Bearer ${S["a bearer of a client"]}`,
    cookie: `session=${S["a cookie"]}`,
    "idempotency-key": S["an idempotency key"],
  };
  const user = { email: S["an e-mail address of a user"], name: S["a name of a user"] };
  const token = `?access_token=${S["a token in a query"]}&limit=x`;
  const send = (
    method: string,
    path: string,
    body?: unknown,
  ): Promise<{ status: number; body: Record<string, unknown> }> => shop.call(method, path, body, { headers });
  const { status, body } = await send("POST", "/api/v1/users", user);
  assert.equal(status, 201);
  const [from, to] = await shop.openAccounts(2, "10.00");
  const refused: [number, string, string, unknown?][] = [
    [409, "POST", "/api/v1/users", user],
    [400, "POST", "/api/v1/users", { ...user, email: S["an address that is none"] }],
    // The name of a field that is not known is told to whoever sent it, and nobody else; its value is not.
    [400, "POST", "/api/v1/users", { ...user, more: S["a field of a body"], name: [S["a field of a body"]] }],
    [400, "POST", "/api/v1/transfers", { from_account_id: from, to_account_id: to, amount: S["a field of a body"] }],
    [400, "GET", `/api/v1/users${token}`],
    [404, "GET", `/nowhere${token}`],
    [405, "PUT", `/api/v1/users${token}`, user],
    [200, "PATCH", `/api/v1/users/${String(body["id"])}`, user],
  ];
  for (const [want, method, path, body] of refused) {
    // oxlint-disable-next-line no-await-in-loop
    assert.equal((await send(method, path, body)).status, want, `${method} ${path}`);
  }
  await breakIt();
  for (const path of ["/api/v1/users", `/api/v1/users/${String(body["id"])}`]) {
    // oxlint-disable-next-line no-await-in-loop
    const broken = await send(path.endsWith("users") ? "POST" : "PATCH", path, user);
    assert.ok(broken.status >= 500, `${path}: ${broken.status}`);
  }
}

/** adminOutput is all that the admin port says, but profiles: those are of functions. */
async function adminOutput(shop: Storefront): Promise<string[]> {
  const headers = { authorization: `Bearer ${S["the admin token"]}` };
  const index = await (await fetch(shop.adminUrl, { headers })).text();
  const paths = [...new Set(index.match(/\/(?:metrics|debug\/[\w/-]+)/g))].filter((path) => !path.includes("pprof"));
  assert.ok(paths.includes("/metrics") && paths.includes("/debug/config"), index);
  const answers = paths.map(async (path) => (await fetch(shop.adminUrl + path, { headers })).text());
  const refused = await (await fetch(`${shop.adminUrl}/debug/config?token=${S["a token in a query"]}`)).text();
  return [index, refused, ...(await Promise.all(answers))];
}

describe("no secret and nothing personal is written down", { timeout: 180_000 }, () => {
  for (const format of ["json", "pretty"]) {
    it(`in lines (${format}), problems, spans and at the admin port, when things go well and when they break`, async () => {
      await using place = await PLACES.find(({ name }) => name === "PostgreSQL")!.make();
      await using collector = await newCollector();
      await using shop = await Storefront.start({
        ...place.env,
        LOG_LEVEL: "debug",
        LOG_FORMAT: format,
        ADMIN_TOKEN: S["the admin token"],
        OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
        OTEL_EXPORTER_OTLP_HEADERS: `api-key=${S["the collector's key"]}`,
        TRACE_RATIO: "1",
      });
      await provoke(shop, async () => {
        const client = new pg.Client({ connectionString: place.env["DATABASE_URL"] });
        await client.connect();
        // An error that quotes the row, as the database's own errors do in their detail.
        await client.query(`
          CREATE FUNCTION broken() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN RAISE EXCEPTION USING MESSAGE = 'it is broken', DETAIL = NEW::text, ERRCODE = 'XX000'; END $$;
          CREATE TRIGGER broken BEFORE INSERT OR UPDATE ON users FOR EACH ROW EXECUTE FUNCTION broken()`);
        await client.end();
      });
      const admin = await adminOutput(shop);
      shop.kill("SIGTERM");
      assert.equal(await shop.exited(), 0);
      assert.ok(collector.spans.length > 20 && shop.problems.length > 5);
      const written = [...shop.lines, ...shop.problems, ...collector.bodies, ...admin];
      assert.ok(
        written.some((text) => text.includes("it is broken")),
        "the failed statement is in no line",
      );
      assert.deepEqual(leaks(written, SECRETS), []);
    });
  }

  it("when it cannot start: a database that is away, with the stack", async () => {
    const password = "canary-password-7f3a";
    const env = { DATABASE_URL: `postgres://app:${password}@127.0.0.1:1/shop?connect_timeout=1`, DEBUG: "1" };
    await assert.rejects(Storefront.start(env), (err: Error) => {
      assert.match(err.message, /exit code 1\)/);
      assert.match(err.message, /\n {4}at |"stack":/);
      assert.deepEqual(leaks([err.message], { password }), []);
      return true;
    });
  });

  it("when its settings are wrong", async () => {
    const secrets = { token: "canary-7f3a", password: "canary-password-7f3a" };
    const env = { ADMIN_TOKEN: secrets.token, DATABASE_URL: `mysql://app:${secrets.password}@h/d` };
    await assert.rejects(Storefront.start(env), (err: Error) => {
      assert.match(err.message, /exit code 78\)/);
      assert.deepEqual(leaks([err.message], secrets), []);
      return true;
    });
  });
});

describe("the walk finds", () => {
  const cases: { name: string; text: string; secrets?: Record<string, string>; want: string }[] = [
    { name: "a secret as it is", text: "x s3cret/1 y", secrets: { it: "s3cret/1" }, want: "it" },
    { name: "a secret in a URL", text: "?a=s3cret%2F1", secrets: { it: "s3cret/1" }, want: "it" },
    { name: "a secret in JSON", text: String.raw`{"a":"s3\"cret"}`, secrets: { it: 's3"cret' }, want: "it" },
    { name: "an address", text: "Key (email)=(ada@example.com) already exists", want: "an e-mail address" },
    { name: "a bearer", text: '"authorization":"Bearer abcdefgh"', want: "a bearer" },
    { name: "a URL", text: "connect postgres://app:hunter2@db/shop", want: "a password in a URL" },
  ];
  for (const { name, text, secrets, want } of cases) {
    it(name, () => assert.deepEqual(leaks(["well", text], secrets), [{ what: want, where: text }] satisfies Leak[]));
  }

  it("nothing in what is masked", () => {
    assert.deepEqual(leaks(["postgres://app:***@db/shop", "http://127.0.0.1:8080/a", "authorization: ***"]), []);
  });
});
