import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:net";
import { describe, test } from "node:test";
import { z } from "zod";
import { type Ctx, background, withValue } from "../../context/index.ts";
import { Failure, as, codeOf } from "../../errors/index.ts";
import { withLogAttrs } from "../../log/attrs.ts";
import { type Handler, Reply, json, noContent, stream, text, traceparent } from "../index.ts";
import { type Client, type ClientOptions, HttpFailure, newClient } from "./index.ts";
import { until, upstream } from "./testing/upstream.ts";

async function withClient(
  handler: Handler,
  fn: (client: Client, ctx: Ctx) => Promise<void>,
  options: Partial<ClientOptions> = {},
): Promise<number> {
  await using up = await upstream(handler);
  await using client = newClient({ baseUrl: up.url, ...options });
  await fn(client, background);
  return up.asked;
}

const echo: Handler = async (_ctx, req) =>
  json({ method: req.method, path: req.path + req.search, headers: req.headers, body: await req.text() });

describe("requests", () => {
  test("JSON there and back", async () => {
    await withClient(echo, async (client, ctx) => {
      const schema = z.object({ method: z.string(), path: z.string(), body: z.string(), headers: z.looseObject({}) });
      const sent = { name: "Ada" };
      for (const [method, answer] of [
        ["POST", await client.post(ctx, "/users", sent, { schema })],
        ["PUT", await client.put(ctx, "/users", sent, { schema })],
        ["PATCH", await client.patch(ctx, "/users", sent, { schema })],
      ] as const) {
        assert.deepEqual([answer.method, answer.path, answer.body], [method, "/users", JSON.stringify(sent)]);
        assert.partialDeepStrictEqual(answer.headers, {
          "content-type": "application/json",
          accept: "application/json",
          "user-agent": "millrace",
        });
      }
      assert.equal((await client.delete(ctx, "/users/1", { schema })).method, "DELETE");
      const query = { q: "a b&c", tag: ["x", "y"], none: undefined, page: 2 };
      assert.equal((await client.get(ctx, "/users", { query, schema })).path, "/users?q=a+b%26c&tag=x&tag=y&page=2");
      const unknown: unknown = await client.get(ctx, "/users");
      assert.ok(typeof unknown === "object");
    });
  });

  test("the base URL's path, and headers for every request", async () => {
    await using up = await upstream(echo);
    await using client = newClient({ baseUrl: `${up.url}/v1/`, userAgent: "shop/1", headers: { "X-Api-Key": "k" } });
    const got = await client.get(background, "/a?b=c", {
      schema: z.looseObject({ path: z.string() }),
      query: { d: 1 },
    });
    assert.equal(got.path, "/v1/a?b=c&d=1");
    assert.partialDeepStrictEqual(got, { headers: { "user-agent": "shop/1", "x-api-key": "k" } });
  });

  test("what an upstream is told: the time left, the trace, the request's id", async () => {
    const trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    await withClient(
      echo,
      async (client, ctx) => {
        const inside = withLogAttrs(withValue(ctx, traceparent, trace), { request_id: "abc-123" });
        const { headers } = await client.get(inside, "/", {
          schema: z.object({ headers: z.record(z.string(), z.string()) }),
        });
        assert.deepEqual([headers["traceparent"], headers["x-request-id"]], [trace, "abc-123"]);
        const left = Number(headers["x-server-timeout"]);
        assert.ok(left > 0 && left <= 7, `${left} s`);
      },
      { timeoutMs: 7000 },
    );
  });

  const bodies = [
    { name: "text", body: "häuser", want: "häuser" },
    { name: "bytes", body: new Uint8Array([65, 66]), want: "AB" },
    { name: "a stream", body: ReadableStream.from([new Uint8Array([65]), new Uint8Array([66])]), want: "AB" },
    { name: "an iterable", body: pieces(), want: "onetwo" },
  ];
  for (const { name, body, want } of bodies) {
    test(`a body of ${name}`, async () => {
      await withClient(echo, async (client, ctx) => {
        const answer = await client.fetch(ctx, "/", { method: "POST", body });
        assert.partialDeepStrictEqual(await answer.json(), { body: want });
      });
    });
  }

  const bad = [
    { name: "a path that is none", path: "users", init: {} },
    { name: "a path with a line end", path: "/a\r\nx: y", init: {} },
    { name: "a header that breaks out", path: "/", init: { headers: { a: "b\r\nc: d" } } },
    { name: "a header of the transport", path: "/", init: { headers: { "Transfer-Encoding": "chunked" } } },
    { name: "a method that is none", path: "/", init: { method: "A B" } },
  ];
  for (const { name, path, init } of bad) {
    test(`${name} is refused, and nothing is sent`, async () => {
      const asked = await withClient(echo, async (client, ctx) => {
        await assert.rejects(client.fetch(ctx, path, init), (err: Failure) =>
          /bad_(?:request|header)/.test(err.reason),
        );
      });
      assert.equal(asked, 0);
    });
  }
});

async function* pieces(): AsyncGenerator<string> {
  yield "one";
  yield "two";
}

describe("answers", () => {
  test("a status, headers and a body that comes in pieces", async () => {
    await withClient(
      () =>
        stream(pieces(), { status: 201, type: "text/plain" })
          .header("x-a", "1")
          .header("set-cookie", "a=1")
          .header("set-cookie", "b=2"),
      async (client, ctx) => {
        const answer = await client.fetch(ctx, "/");
        assert.deepEqual(
          [answer.status, answer.header("x-a"), answer.headers["set-cookie"]],
          [201, "1", ["a=1", "b=2"]],
        );
        let body = "";
        for await (const chunk of answer.stream()) body += Buffer.from(chunk).toString();
        assert.equal(body, "onetwo");
      },
    );
  });

  for (const method of ["HEAD", "DELETE"]) {
    test(`an answer without a body to ${method}`, async () => {
      await withClient(
        () => (method === "HEAD" ? text("long") : noContent()),
        async (client, ctx) => {
          for (let i = 0; i < 3; i++) assert.equal(await (await client.fetch(ctx, "/", { method })).text(), "");
          // Nor is there one to be read before the connection is free.
          for (let i = 0; i < 3; i++) await client.fetch(ctx, "/", { method });
          if (method === "DELETE") assert.equal(await client.delete(ctx, "/"), undefined);
        },
        { maxConnections: 1, timeoutMs: 10_000 },
      );
    });
  }

  const broken = [
    { name: "no JSON", reply: () => new Reply(200, "application/json", "{"), says: /not JSON/ },
    { name: "another type", reply: () => text("hi"), says: /text\/plain; charset=utf-8, not JSON/ },
    { name: "not as the schema says", reply: () => json({ id: "x" }), says: /schema says: id: Invalid input/ },
  ];
  for (const { name, reply, says } of broken) {
    test(`${name} is the upstream's fault, not our client's`, async () => {
      await withClient(reply, async (client, ctx) => {
        await assert.rejects(client.get(ctx, "/", { schema: z.object({ id: z.number() }) }), (err: Failure) => {
          assert.deepEqual([err.code, err.reason], ["internal", "http/bad_response"]);
          assert.match(err.message, says);
          return true;
        });
      });
    });
  }

  for (const length of [true, false]) {
    test(`a body that is too long, ${length ? "as it says" : "as it turns out"}`, async () => {
      await withClient(
        () => (length ? text("x".repeat(2000)) : stream(longer())),
        async (client, ctx) => {
          const answer = await client.fetch(ctx, "/");
          await assert.rejects(answer.bytes(), { reason: "http/response_too_large", code: "internal" });
        },
        { maxBytes: 1000 },
      );
    });
  }

  test("errors have the code, the reason and the problem of the answer", async () => {
    const wrong = (): never => {
      throw new Failure("inside", { code: "already_exists", reason: "shop/taken", detail: "That name is taken." });
    };
    await withClient(wrong, async (client, ctx) => {
      await assert.rejects(client.post(ctx, "/users?token=secret", {}), (err: HttpFailure) => {
        assert.ok(err instanceof HttpFailure);
        assert.deepEqual(
          [err.status, err.code, err.reason, err.detail],
          [409, "already_exists", "shop/taken", undefined],
        );
        assert.equal(err.message, "http: POST /users: 409 Conflict: That name is taken.");
        assert.equal(err.problem?.["detail"], "That name is taken.");
        return true;
      });
    });
  });

  const statuses: readonly (readonly [reply: Reply, code: string, reason: string])[] = [
    [text("no", { status: 404 }), "not_found", "http/status_404"],
    [json({ code: "nonsense", reason: 7 }, { status: 400 }), "invalid_argument", "http/status_400"],
    [json([1], { status: 403 }), "permission_denied", "http/status_403"],
    [new Reply(418, "application/json", "{"), "invalid_argument", "http/status_418"],
    [new Reply(401, "", null), "unauthenticated", "http/status_401"],
    [json({ big: "x".repeat(100_000) }, { status: 422 }), "invalid_argument", "http/status_422"],
    [text("x".repeat(500_000), { status: 500 }), "internal", "http/status_500"],
  ];
  for (const [reply, code, reason] of statuses) {
    test(`${reply.status} is ${code}`, async () => {
      await withClient(
        () => reply,
        async (client, ctx) => {
          // The second one shows that the first has left no body behind.
          for (let i = 0; i < 2; i++) {
            await assert.rejects(client.get(ctx, "/"), (err: Failure) => {
              assert.deepEqual([err.code, err.reason], [code, reason]);
              return true;
            });
          }
        },
        { maxConnections: 1, timeoutMs: 5000 },
      );
    });
  }

  test("an answer that breaks off is an error, not an end", async () => {
    const server = createServer((socket) => {
      socket.on("error", () => undefined);
      socket.once("data", () => {
        socket.write("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf");
        setImmediate(() => socket.destroy());
      });
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as { port: number };
    await using client = newClient({ baseUrl: `http://127.0.0.1:${port}` });
    const answer = await client.fetch(background, "/");
    server.close();
    await assert.rejects(answer.text(), { code: "unavailable", reason: "http/connection_lost" });
  });

  test("redirects are answers", async () => {
    await withClient(
      () => new Reply(302, "", null).header("location", "http://169.254.169.254/"),
      async (client, ctx) => {
        await using answer = await client.fetch(ctx, "/");
        assert.deepEqual([answer.status, answer.header("location")], [302, "http://169.254.169.254/"]);
      },
    );
  });
});

async function* longer(): AsyncGenerator<Uint8Array> {
  for (;;) yield new Uint8Array(300);
}

describe("connections", () => {
  test("an answer that is discarded, or only begun, gives its connection back", async () => {
    const handler: Handler = (_ctx, req) => (req.path === "/endless" ? stream(longer()) : text("x".repeat(50_000)));
    await withClient(
      handler,
      async (client, ctx) => {
        for (let i = 0; i < 3; i++) {
          {
            await using _ = await client.fetch(ctx, "/");
          }
          {
            await using _ = await client.fetch(ctx, "/endless");
          }
          for await (const _ of (await client.fetch(ctx, "/endless")).stream()) break;
        }
      },
      { maxConnections: 1, timeoutMs: 10_000 },
    );
  });

  test("more requests than connections wait, too many are refused", async () => {
    const gate = Promise.withResolvers<void>();
    const handler: Handler = async () => {
      await gate.promise;
      return json(1);
    };
    await withClient(
      handler,
      async (client, ctx) => {
        const calls = Array.from({ length: 6 }, () =>
          client.get(ctx, "/").then(
            () => "ok",
            (err: Failure) => err.reason,
          ),
        );
        gate.resolve();
        const got = await Promise.all(calls);
        assert.deepEqual(got.toSorted(), [
          "ok",
          "ok",
          "ok",
          "ok",
          "resilience/limiter_full",
          "resilience/limiter_full",
        ]);
      },
      { maxConnections: 2, maxWaiting: 2 },
    );
  });

  test("nobody listens: it was surely not sent, so a POST is sent again, too", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as { port: number };
    server.close();
    await once(server, "close");
    await using client = newClient({ baseUrl: `http://127.0.0.1:${port}`, retry: { attempts: 3, baseMs: 1 } });
    await assert.rejects(client.post(background, "/", {}), (err: Failure) => {
      assert.deepEqual([err.code, err.reason], ["unavailable", "http/connect_failed"]);
      assert.match(err.message, /after 3 attempts: .*ECONNREFUSED/);
      return true;
    });
  });

  test("a client that is closed ends its calls and takes no more", async () => {
    await using up = await upstream(async (ctx) => {
      await new Promise((resolve) => ctx.signal.addEventListener("abort", resolve));
      return noContent();
    });
    const client = newClient({ baseUrl: up.url });
    const call = client.get(background, "/").then(
      () => undefined,
      (err: unknown) => err,
    );
    await until(() => up.asked === 1);
    await client[Symbol.asyncDispose]();
    assert.ok(as(await call, Failure));
    await assert.rejects(client.get(background, "/"), { reason: "http/client_closed" });
    await client[Symbol.asyncDispose]();
  });

  test("the call's own timeout", async () => {
    await using up = await upstream(async (ctx) => {
      await new Promise((resolve) => ctx.signal.addEventListener("abort", resolve));
      return noContent();
    });
    await using client = newClient({ baseUrl: up.url, timeoutMs: 50 });
    await assert.rejects(client.get(background, "/"), (err) => codeOf(err) === "deadline_exceeded");
  });
});

const bad: readonly [name: string, options: ClientOptions, says: RegExp][] = [
  ["nothing", {}, /baseUrl or a resolver/],
  ["both", { baseUrl: "http://a", resolver: () => [] }, /not both/],
  ["no URL", { baseUrl: "localhost:80" }, /baseUrl must be/],
  ["a URL with a password", { baseUrl: "http://a:b@c/" }, /without user/],
  ["no time", { baseUrl: "http://a", timeoutMs: 0 }, /timeoutMs must be .* not 0/],
  ["half a connection", { baseUrl: "http://a", maxConnections: 0.5 }, /maxConnections/],
];
for (const [name, options, says] of bad) test(`options: ${name}`, () => assert.throws(() => newClient(options), says));
