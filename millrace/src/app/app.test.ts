import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type Ctx, Canceled, background, sleep, withCancel } from "../context/index.ts";
import { Failure, is } from "../errors/index.ts";
import { newLog } from "../log/index.ts";
import { type App, type AppOptions, newApp } from "./index.ts";

interface Line {
  readonly level: string;
  readonly msg: string;
  readonly why?: string;
  readonly err?: { readonly message: string };
  readonly stuck?: readonly { readonly stage: string; readonly name: string }[];
}

function setup(options: AppOptions = {}) {
  let text = "";
  const log = newLog({ out: { write: (line) => (text += line) } });
  const events: string[] = [];
  const resource = (name: string): AsyncDisposable => ({
    async [Symbol.asyncDispose]() {
      await new Promise(setImmediate);
      events.push(`close ${name}`);
    },
  });
  const lines = (): Line[] =>
    text
      .split("\n")
      .slice(0, -1)
      .map((line) => JSON.parse(line) as Line);
  const app: App = newApp({ log, readyDelayMs: 0, drainMs: 50, closeMs: 200, ...options });
  return { app, events, resource, lines };
}

test("moves from starting to stopped, closing in reverse order", async () => {
  const { app, events, resource } = setup();
  const ctx = withCancel(background);
  const states: string[] = [app.state];
  await app.own("a", resource("a"));
  await app.own("b", { [Symbol.dispose]: () => void events.push("close b, synchronously") });
  app.onDrain(() => void states.push(app.state));
  app.serve("http", { shutdown: async () => void states.push(app.state) });
  app.go("worker", async (ctx) => {
    await assert.rejects(sleep(ctx, 60_000), Canceled);
    assert.equal((ctx.cause as Failure).reason, "app/closing");
    states.push(app.state);
  });
  const running = app.run(ctx);
  states.push(app.state);
  ctx.cancel();
  await running;
  assert.deepEqual([...states, app.state], ["starting", "ready", "draining", "draining", "closing", "stopped"]);
  assert.deepEqual(events, ["close b, synchronously", "close a"]);
  await assert.rejects(app.run(background), /the app is stopped/);
});

test("servers get the drain budget as their deadline, and are drained at once", async () => {
  const { app } = setup({ drainMs: 10_000 });
  const both = Promise.withResolvers<void>();
  let count = 0;
  const server = {
    async shutdown(ctx: Ctx) {
      assert.ok(Math.abs(ctx.deadline! - Date.now() - 10_000) < 1000);
      if (++count === 2) both.resolve();
      await both.promise;
    },
  };
  app.serve("one", server);
  app.serve("two", server);
  await app[Symbol.asyncDispose]();
  assert.equal(count, 2);
});

test("dispose stops once, before and after run", async () => {
  const { app, events, resource } = setup();
  await app.own("a", resource("a"));
  await Promise.all([app[Symbol.asyncDispose](), app[Symbol.asyncDispose]()]);
  await app[Symbol.asyncDispose]();
  assert.deepEqual(events, ["close a"]);
});

describe("own", () => {
  test("gives the resource, opened now or later", async () => {
    const { app, resource } = setup();
    const a = resource("a");
    assert.equal(await app.own("a", a), a);
    assert.equal(await app.own("b", Promise.resolve(a)), a);
    await app[Symbol.asyncDispose]();
  });

  test("a failure closes what was opened before, and keeps its code and cause", async () => {
    const { app, events, resource } = setup();
    await app.own("a", resource("a"));
    await app.own("b", resource("b"));
    const cause = new Failure("no server", { code: "unavailable", reason: "sql/connect" });
    const err: unknown = await app.own("c", Promise.reject(cause)).catch((thrown: unknown) => thrown);
    assert.ok(err instanceof Failure && err.cause === cause);
    assert.deepEqual([err.message, err.reason], ["app: open c: no server", "sql/connect"]);
    assert.deepEqual([events, app.state], [["close b", "close a"], "stopped"]);
  });

  test("a failure after the start ends nothing", async () => {
    const { app, events } = setup();
    const ctx = withCancel(background);
    const running = app.run(ctx);
    await assert.rejects(app.own("late", Promise.reject(new Error("no"))), /app: open late: no/);
    assert.deepEqual([app.state, events], ["ready", []]);
    ctx.cancel();
    await running;
  });

  test("what is opened while the app stops is closed again", async () => {
    const { app, events, resource } = setup();
    await app[Symbol.asyncDispose]();
    const err: unknown = await app.own("late", resource("late")).catch((thrown: unknown) => thrown);
    assert.ok(is(err, "canceled") && (err as Failure).reason === "app/stopping");
    assert.deepEqual(events, ["close late"]);
  });

  test("what cannot be closed is refused", async () => {
    const { app } = setup();
    await assert.rejects(
      app.own("thing", {} as AsyncDisposable),
      /app: open thing: thing has neither Symbol\.asyncDispose/,
    );
  });
});

describe("what fails while stopping is logged, and the rest goes on", () => {
  test("a server, a listener and a resource", async () => {
    const { app, events, resource, lines } = setup();
    await app.own("a", resource("a"));
    await app.own("bad", { [Symbol.asyncDispose]: () => Promise.reject(new Error("no close")) });
    app.onDrain(() => {
      throw new Error("no flag");
    });
    app.serve("http", { shutdown: () => Promise.reject(new Error("no drain")) });
    await app[Symbol.asyncDispose]();
    assert.deepEqual(events, ["close a"]);
    const errors = lines().filter((line) => line.level === "error");
    assert.deepEqual(
      errors.map((line) => [line.msg, line.err!.message]),
      [
        ["app: could not drain readiness", "no flag"],
        ["app: could not drain http", "no drain"],
        ["app: could not close bad", "no close"],
      ],
    );
  });

  test("a task; one that only says it was canceled is silent", async () => {
    const { app, lines } = setup();
    app.go("quiet", (ctx) => sleep(ctx, 60_000));
    app.go("loud", (ctx) => sleep(ctx, 60_000).catch(() => Promise.reject(new Error("no flush"))));
    await new Promise(setImmediate);
    await app[Symbol.asyncDispose]();
    const errors = lines().filter((line) => line.level === "error");
    assert.deepEqual(
      errors.map((line) => line.err!.message),
      ["app: task loud: no flush"],
    );
  });
});

describe("what does not end is named and left", () => {
  const never = new Promise<void>(() => {});
  const cases: { name: string; add: (app: App) => unknown; want: string }[] = [
    { name: "a server", add: (app) => app.serve("http", { shutdown: () => never }), want: "http (drain, " },
    { name: "a task", add: (app) => app.go("poller", () => never), want: "poller (cancel, " },
    { name: "a resource", add: (app) => app.own("db", { [Symbol.asyncDispose]: () => never }), want: "db (close, " },
    {
      name: "a resource that opened last",
      add: (app) => app.own("db", { [Symbol.asyncDispose]: () => never }),
      want: "db (close, ",
    },
  ];
  for (const { name, add, want } of cases) {
    test(name, async () => {
      const { app, events, resource, lines } = setup({ drainMs: 0, closeMs: 30 });
      await app.own("first", resource("first"));
      await app.own("second", resource("second"));
      await add(app);
      const err: unknown = await app[Symbol.asyncDispose]().catch((thrown: unknown) => thrown);
      assert.ok(err instanceof Failure && err.reason === "app/stuck");
      assert.ok(err.message.startsWith(`app: hard stop: did not end: ${want}`), err.message);
      assert.deepEqual(events, ["close second", "close first"]);
      assert.equal(lines().at(-1)!.stuck!.length, 1);
    });
  }
});

test("a task that fails ends the app with its error; one that ends by itself does not", async () => {
  const { app, lines } = setup();
  app.go("short", () => {});
  app.go("worker", () => {
    throw new RangeError("broke");
  });
  await assert.rejects(app.run(background), /^Failure: app: task worker: broke$/);
  assert.deepEqual(
    lines().map((line) => [line.msg, line.why]),
    [
      ["app: ready", undefined],
      ["app: stopping", "a task failed"],
      ["app: stopped", undefined],
    ],
  );
});

test("of two errors at once the second is logged too", async () => {
  const { app, lines } = setup();
  for (const name of ["one", "two"]) app.go(name, () => Promise.reject(new Error(`${name} broke`)));
  await assert.rejects(app.run(background), /task one: one broke/);
  assert.deepEqual(
    lines()
      .filter((line) => line.level === "error")
      .map((line) => line.err!.message)
      .toSorted(),
    ["app: task one: one broke", "app: task two: two broke"],
  );
});

test("bounds are checked", () => {
  for (const name of ["readyDelayMs", "drainMs", "closeMs"]) {
    for (const ms of [-1, NaN, Infinity])
      assert.throws(() => newApp({ [name]: ms }), new RegExp(`app: ${name} must be .* not ${ms}`));
  }
});
