import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type Ctx, background, sleep, withCancel } from "../context/index.ts";
import { Failure, is } from "../errors/index.ts";
import { newHealth } from "../health/index.ts";
import { bubble } from "../test/index.ts";
import { type Component, type Needs, component } from "./index.ts";
import { Bench } from "./testing/bench.ts";

class Database implements Disposable {
  readonly url = "db";
  readonly #events: string[];

  constructor(events: string[]) {
    this.#events = events;
  }

  [Symbol.dispose](): void {
    this.#events.push("close database");
  }
}

test("a component is given the values of what it needs, with their types; all stop in reverse", async () => {
  const it = new Bench();
  const database = component("database", { start: () => new Database(it.events) });
  const cache = component("cache", {
    start: async () => new Map<string, number>(),
    stop: (_, map) => void it.events.push(`stop cache of ${map.size}`),
  });
  const server = component("server", {
    needs: { database, cache },
    start(_, { database, cache }) {
      cache.set(database.url, 1);
      return { port: 80 };
    },
    drain: async (ctx, { port }) => void it.events.push(`drain ${port}, ${ctx.deadline === undefined}`),
  });
  const { server: got, database: same } = await it.app.start(background, { server, database });
  const port: number = got.port;
  assert.deepEqual([port, same.url], [80, "db"]);
  await it.app[Symbol.asyncDispose]();
  assert.equal(it.events[0], "drain 80, false");
  assert.deepEqual(it.events.slice(1).toSorted(), ["close database", "stop cache of 1"]);
});

test("a value of another type, or one that is not needed, does not compile", () => {
  const database = component("database", { start: () => 1 });
  component("server", {
    needs: { database },
    // @ts-expect-error there is no cache
    start: (_, { cache }) => cache as unknown,
  });
  component("server", {
    needs: { database },
    // @ts-expect-error it is a number
    start: (_, { database }) => database.length as unknown,
  });
  component("server", { start: async () => ({ n: 1 }), stop: (_, it) => it.n });
  // @ts-expect-error it has started as a string
  component("server", { start: () => "text", stop: (_, it) => it.n as unknown });
});

test("what does not need each other starts at once, the rest when it can", () =>
  bubble(async () => {
    const it = new Bench();
    const part = (name: string, ms: number, needs: Needs = {}): Component<string> =>
      component(name, {
        needs,
        async start(ctx) {
          it.events.push(`${name} at ${performance.now()}`);
          await sleep(ctx, ms);
          return name;
        },
        stop: () => void it.events.push(`stop ${name}`),
      });
    const a = part("a", 100);
    const b = part("b", 300);
    const c = part("c", 10, { a });
    const d = part("d", 10, { b, c });
    await it.app.start(background, { d });
    assert.deepEqual(it.events.splice(0), ["b at 0", "a at 0", "c at 100", "d at 300"]);
    assert.deepEqual(
      it.lines.map((line) => [line.msg, (line as { components?: unknown }).components]),
      [["app: started", ["b", "a", "c", "d"]]],
    );
    await it.app[Symbol.asyncDispose]();
    assert.deepEqual(it.events, ["stop d", "stop b", "stop c", "stop a"]);
  }));

describe("everything that is wrong is told at once, before anything starts", () => {
  // Constants cannot be in a circle; a getter can, and so can programs without types.
  function knot(): Needs {
    const start = (): never => assert.fail("it was started");
    const part = (name: string, needs: () => Needs): Component<never> =>
      component(name, {
        get needs() {
          return needs();
        },
        start,
      });
    const a = part("a", () => ({ b, self }));
    const b = part("b", () => ({ c }));
    const c = part("c", () => ({ a }));
    const self: Component<never> = part("self", () => ({ self }));
    const twin = part("a", () => ({ lost: undefined as unknown as Component<never> }));
    return { a, twin, nothing: 7 as unknown as Component<never> };
  }

  test("circles with their path, what needs itself, what is missing, and two of one name", async () => {
    const it = new Bench();
    await it.app.own("first", it.resource("first"));
    const err: unknown = await it.app.start(background, knot()).catch((thrown: unknown) => thrown);
    assert.ok(err instanceof Failure && err.reason === "app/wiring");
    assert.equal(
      err.message,
      [
        "app: 5 problems with the components; none was started:",
        "",
        "  a circle: a needs b needs c needs a",
        "  self needs itself",
        "  two components are called a",
        '  a needs "lost", which is undefined (do two files import each other?) and no component',
        '  the start needs "nothing", which is number and no component',
      ].join("\n"),
    );
    assert.deepEqual([it.events, it.app.state], [["first"], "stopped"]);
  });
});

test("one that fails: the others are canceled, what has started is stopped in reverse, and the first error is thrown", () =>
  bubble(async () => {
    const it = new Bench();
    const a = component("a", { start: () => it.resource("a") });
    const b = component("b", { needs: { a }, start: () => it.resource("b") });
    const bad = component("bad", {
      needs: { b },
      start: async (ctx) => {
        await sleep(ctx, 100);
        throw new Failure("no server", { code: "unavailable", reason: "sql/connect" });
      },
    });
    const slow = component("slow", {
      needs: { a },
      start: (ctx) => sleep(ctx, 60_000).finally(() => it.events.push(`slow heard it at ${performance.now()}`)),
    });
    const never = component("never", { needs: { bad }, start: () => assert.fail("what it needs has failed") });
    const err: unknown = await it.app.start(background, { slow, never }).catch((thrown: unknown) => thrown);
    assert.ok(err instanceof Failure);
    assert.deepEqual([err.message, err.reason], ["app: start bad: no server", "sql/connect"]);
    assert.deepEqual(it.events, ["slow heard it at 100", "b", "a"]);
    assert.equal(it.app.state, "stopped");
  }));

test("each has its own budget, which its context knows", () =>
  bubble(async () => {
    const it = new Bench({ startMs: 500 });
    const quick = component("quick", { start: (ctx) => ctx.deadline! - Date.now() });
    const patient = component("patient", { start: (ctx) => sleep(ctx, 2000).then(() => "here"), startMs: 3000 });
    assert.deepEqual(await it.app.start(background, { quick, patient }), { quick: 500, patient: "here" });
    const slow = component("slow", { start: (ctx: Ctx) => sleep(ctx, 501) });
    const err: unknown = await it.app.start(background, { slow }).catch((thrown: unknown) => thrown);
    assert.ok(is(err, "deadline_exceeded") && (err as Failure).reason === "app/start_timeout");
    assert.equal(String(err), "Failure: app: start slow: it did not within 500ms");
  }));

test("one that fails while the app runs ends nothing, and can be started again", async () => {
  const it = new Bench({ readyDelayMs: 0 });
  const ctx = withCancel(background);
  const running = it.app.run(ctx);
  let tries = 0;
  const plugin = component("plugin", {
    start: () => (tries++ === 0 ? Promise.reject(new Error("not yet")) : Promise.resolve(it.resource("plugin"))),
  });
  await assert.rejects(it.app.start(background, { plugin }), /app: start plugin: not yet/);
  assert.equal(it.app.state, "ready");
  await it.app.start(background, { plugin });
  ctx.cancel();
  await running;
  assert.deepEqual([tries, it.events], [2, ["plugin"]]);
});

test("the components' checks are the service's, also of one that has not started", async () => {
  const it = new Bench();
  const open = Promise.withResolvers<void>();
  const database = component("database", { start: () => ({ up: true }), health: async (_, db) => assert.ok(db.up) });
  const queue = component("queue", { start: () => open.promise, health: async () => {} });
  const health = component("health", {
    needs: { database },
    start: () => newHealth({ checks: it.app.checks, cacheMs: 0 }),
  });
  const starting = it.app.start(background, { health, queue });
  const { health: early } = await it.app.start(background, { health });
  const report = await early.check();
  assert.deepEqual(
    Object.entries(report.checks).map(([name, { status, error }]) => [name, status, error]),
    [
      ["database", "up", undefined],
      ["queue", "down", "unavailable"],
    ],
  );
  open.resolve();
  await starting;
  assert.equal((await early.check()).status, "ready");
  await it.app[Symbol.asyncDispose]();
});
