// What is tried here is what the rules warn of: every way in which the language waits.
// oxlint-disable typescript/await-thenable, typescript/no-misused-promises, promise/valid-params, unicorn/no-unnecessary-await
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { explore } from "../explore/explore.ts";
import { io } from "../testing/io.ts";
import { VirtualClock } from "./clock.ts";
import { intercept } from "./intercept.ts";
import { worlds } from "./world.ts";

const later = async <T>(value: T): Promise<T> => {
  await io();
  return value;
};
const failing = async (message: string): Promise<never> => {
  await io();
  throw new Error(message);
};
const messageOf = (err: unknown): string => (err instanceof Error ? err.message : String(err));

class Sub<T> extends Promise<T> {}

/** Programs whose result no order changes, and that use everything in which the language waits. */
const PROGRAMS: Readonly<Record<string, () => unknown>> = {
  "a value, a promise, a thenable": async () => [
    await 1,
    await later(2),
    // oxlint-disable-next-line unicorn/no-thenable
    await { then: (resolve: (value: number) => void) => resolve(3) },
  ],
  "Promise.all": () => Promise.all([1, later(2), Promise.resolve(3), new Set([4])]),
  "Promise.all of nothing": () => Promise.all([]),
  "Promise.all that fails": () => Promise.all([later(1), failing("no")]).catch(messageOf),
  "Promise.all of what is no iterable": () => Promise.all(1 as never).catch((err: unknown) => err instanceof TypeError),
  "Promise.allSettled": () => Promise.allSettled([later(1), failing("no").catch(messageOf), 3]),
  "Promise.any": () => Promise.any([failing("a"), later(1), failing("b")]),
  "Promise.any that fails": () =>
    Promise.any([failing("a"), failing("b")]).catch((err: AggregateError) => err.errors.map(messageOf)),
  "Promise.race": () => Promise.race([later(1), new Promise(() => {})]),
  then: () =>
    later(1)
      .then((v) => later(v + 1))
      .then((v) => v + 1),
  "then with two": () => failing("no").then(assert.fail, messageOf),
  "then without any": () => later(1).then().then(null),
  catch: () => failing("no").catch(messageOf),
  finally: async () => {
    const seen: unknown[] = [];
    const value = await later(1).finally(() => later(2).then((v) => seen.push(v)));
    const err = await failing("no")
      .finally(() => 1)
      .catch(messageOf);
    const other = await later(1)
      .finally(() => failing("other"))
      .catch(messageOf);
    return [value, err, other, seen];
  },
  "an async generator": async () => {
    async function* count(): AsyncGenerator<number> {
      for (let i = 0; i < 3; i++) yield await later(i);
      yield* [3, 4];
    }
    const seen: number[] = [];
    for await (const v of count()) seen.push(v);
    return seen;
  },
  "for await over promises": async () => {
    const seen: number[] = [];
    for await (const v of [later(1), 2, Promise.resolve(3)]) seen.push(v);
    return seen;
  },
  "a generator that is left early": async () => {
    const seen: unknown[] = [];
    async function* count(): AsyncGenerator<number> {
      try {
        for (let i = 0; ; i++) yield i;
      } finally {
        await io();
        seen.push("closed");
      }
    }
    for await (const v of count()) if (seen.push(v) === 2) break;
    return seen;
  },
  "await using": async () => {
    const seen: string[] = [];
    {
      await using _ = { [Symbol.asyncDispose]: async () => void seen.push(await later("disposed")) };
      seen.push("body");
    }
    return seen;
  },
  "a subclass": async () => {
    const sub = new Sub<number>((resolve) => resolve(1)).then((v) => v + 1);
    return [sub instanceof Sub, await sub, await Sub.all([later(1), sub])];
  },
  "Promise.resolve keeps identity": async () => {
    const p = later(1);
    const sub = Sub.resolve(p);
    return [Promise.resolve(p) === p, sub instanceof Sub, await sub, await Promise.resolve(2)];
  },
  "Promise.withResolvers and try": async () => {
    const { promise, resolve } = Promise.withResolvers<number>();
    void later(7).then(resolve);
    return [await promise, await Promise.try(() => later(8))];
  },
  "a promise of a promise": () => new Promise((resolve) => resolve(later(later(5)))),
  "errors keep their stack": async () => {
    const err = await failing("no").catch((thrown: Error) => thrown);
    return err.stack?.includes("failing");
  },
};

describe("intercept", () => {
  for (const [name, program] of Object.entries(PROGRAMS)) {
    test(`235: ${name}: as the engine does it, in 200 schedules`, async () => {
      const native = await program();
      await explore(async () => assert.deepEqual(await program(), native), {
        runs: 200,
        leaks: name !== "Promise.race",
      });
    });
  }

  test("the engine still asks a promise for its constructor when it awaits it", async () => {
    // If this fails, await is no longer what it was, and the kit sees only what its loader rewrites: see docs/guide/testing.md.
    let asked = 0;
    using _ = intercept();
    worlds.run(
      {
        clock: new VirtualClock(),
        awaiting: () => void asked++,
        react: () => Promise.resolve(),
        soon() {},
        choose: () => 0,
        random: () => 0,
      },
      () => {
        void (async () => {
          await Promise.resolve();
        })();
      },
    );
    assert.equal(asked, 1);
  });

  test("what it has changed is as before when the last user has gone", async () => {
    const names = ["then", "constructor", "finally"] as const;
    const before = names.map((name) => Object.getOwnPropertyDescriptor(Promise.prototype, name));
    const one = intercept();
    const other = intercept();
    one[Symbol.dispose]();
    one[Symbol.dispose]();
    assert.notDeepEqual(
      names.map((name) => Object.getOwnPropertyDescriptor(Promise.prototype, name)),
      before,
    );
    assert.equal(await Promise.resolve(1), 1);
    other[Symbol.dispose]();
    assert.deepEqual(
      names.map((name) => Object.getOwnPropertyDescriptor(Promise.prototype, name)),
      before,
    );
  });
});
