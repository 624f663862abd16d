import assert from "node:assert/strict";
import { AsyncLocalStorage } from "node:async_hooks";
import { test } from "node:test";
import timersPromises, { scheduler, setTimeout as wait } from "node:timers/promises";
import { virtualGlobals } from "./globals.ts";
import { inWorld } from "./testing/small-world.ts";

// What a handle does, in the world and outside: Node says what is right.
const programs: { name: string; run: (log: (what: unknown) => void) => unknown }[] = [
  {
    name: "arguments and this",
    run: (log) =>
      new Promise<void>((done) => {
        const handle: unknown = setTimeout(
          function (this: unknown, ...args: unknown[]) {
            log([this === handle, args]);
            done();
          },
          1,
          "a",
          2,
        );
      }),
  },
  {
    name: "ref, unref, hasRef, close",
    run: (log) => {
      const handle = setTimeout(log, 1, "never");
      log([handle.hasRef(), handle.unref() === handle, handle.hasRef(), handle.ref().hasRef()]);
      log(handle.close() === handle);
      return wait(5);
    },
  },
  {
    name: "clearing by handle, by number, by a string, by using, twice, or not at all",
    run: async (log) => {
      clearTimeout(setTimeout(log, 1, "handle"));
      clearTimeout(+setTimeout(log, 1, "number"));
      clearTimeout(`${+setTimeout(log, 1, "string")}`);
      clearInterval(setTimeout(log, 1, "interval"));
      const twice = setTimeout(log, 1, "twice");
      clearTimeout(twice);
      clearTimeout(twice);
      for (const wrong of [undefined, null, 5e9, "x", {}]) clearTimeout(wrong as never);
      clearImmediate(setImmediate(log, "immediate"));
      clearImmediate(undefined);
      {
        using _timeout = setTimeout(log, 1, "disposed");
        using _immediate = setImmediate(log, "disposed immediate");
      }
      log(typeof +setTimeout(log, 1, "set"));
      await wait(5);
    },
  },
  {
    name: "refresh, of one that waits, has fired, or was cleared",
    run: async (log) => {
      const waiting = setTimeout(log, 40, "waiting");
      await wait(20);
      log(waiting.refresh() === waiting);
      await wait(30);
      log("not yet");
      await wait(30);
      waiting.refresh();
      await wait(60);
      clearTimeout(waiting);
      waiting.refresh();
      await wait(60);
    },
  },
  {
    name: "an interval that clears itself",
    run: (log) =>
      new Promise<void>((done) => {
        let left = 3;
        const handle = setInterval(() => {
          log(left);
          if (--left > 0) return;
          clearInterval(handle);
          setTimeout(done, 5);
        }, 1);
      }),
  },
  {
    name: "timers of one length fire in their order",
    run: async (log) => {
      for (let i = 0; i < 5; i++) setTimeout(log, 2, i);
      await wait(5);
    },
  },
  {
    name: "no function",
    run: (log) => {
      const nextTick = process.nextTick.bind(process);
      for (const set of [setTimeout, setInterval, setImmediate, queueMicrotask, nextTick]) {
        try {
          set("x" as never);
        } catch (err) {
          log([(err as NodeJS.ErrnoException).code, (err as Error).message]);
        }
      }
    },
  },
  {
    name: "the kinds of handles",
    run: (log) => {
      const timeout = setTimeout(() => {});
      const immediate = setImmediate(() => {});
      log([timeout.constructor.name, immediate.constructor.name, immediate.hasRef(), immediate.unref().hasRef()]);
    },
  },
  {
    name: "values and refs of the promises",
    run: async (log) => {
      log(await timersPromises.setTimeout(1, "value", { ref: true }));
      log(await timersPromises.setImmediate("now"));
      let count = 0;
      for await (const value of timersPromises.setInterval(1, "again")) {
        log(value);
        if (++count === 3) break;
      }
    },
  },
  {
    name: "aborting the promises",
    run: async (log) => {
      const reason = new Error("why");
      const waits = [
        (signal: AbortSignal) => timersPromises.setTimeout(10_000, 0, { signal }),
        (signal: AbortSignal) => scheduler.wait(10_000, { signal }),
        async (signal: AbortSignal) => {
          for await (const _ of timersPromises.setInterval(10_000, 0, { signal }));
        },
      ];
      for (const start of [...waits, (signal: AbortSignal) => timersPromises.setImmediate(0, { signal })]) {
        for (const early of [true, false]) {
          const controller = new AbortController();
          if (early) controller.abort(reason);
          const waiting = start(controller.signal);
          if (!early) process.nextTick(() => controller.abort(reason));
          const err = await waiting.then(
            () => ({ name: "none", code: "", message: "", cause: "" }),
            (e: unknown) => e as NodeJS.ErrnoException,
          );
          log([err.name, err.code, err.message, err.cause === reason]);
        }
      }
    },
  },
  {
    name: "options that are refused",
    run: async (log) => {
      for (const options of [{ signal: 5 }, { ref: 5 }, 5]) {
        await timersPromises.setTimeout(1, 0, options as never).catch((err: unknown) => {
          log((err as NodeJS.ErrnoException).code);
        });
      }
      try {
        AbortSignal.timeout(-1);
      } catch (err) {
        log((err as NodeJS.ErrnoException).code);
      }
    },
  },
  {
    name: "AbortSignal.timeout's reason",
    run: async (log) => {
      const signal = AbortSignal.timeout(2);
      const keep = setTimeout(() => {}, 1000);
      await new Promise((r) => signal.addEventListener("abort", r, { once: true }));
      clearTimeout(keep);
      const { name, message } = signal.reason as DOMException;
      log([signal.aborted, name, message, signal.reason instanceof DOMException, signal instanceof AbortSignal]);
    },
  },
  {
    name: "the context that they were set in",
    run: async (log) => {
      const store = new AsyncLocalStorage<string>();
      const see = (what: string) => (): void => log([what, store.getStore()]);
      store.run("inner", () => {
        setTimeout(see("timeout"), 1);
        setImmediate(see("immediate"));
        queueMicrotask(see("microtask"));
        process.nextTick(see("tick"));
      });
      const handle = store.run("inner", () => setTimeout(see("refreshed"), 1));
      store.run("outer", () => handle.refresh());
      await wait(5);
    },
  },
];

test("212: handles behave as Node's do", async (t) => {
  const logOf = async (run: (log: (what: unknown) => void) => unknown): Promise<unknown[]> => {
    const lines: unknown[] = [];
    await run((what) => lines.push(what));
    return lines;
  };
  for (const { name, run } of programs) {
    await t.test(name, async () => {
      const real = await logOf(run);
      using _ = virtualGlobals();
      const virtual = await inWorld(() => logOf(run));
      // The order of ticks and microtasks, of which Node's own is no promise, is the world's.
      const seen = (lines: unknown[]): unknown[] =>
        name.includes("context") ? lines.map((line) => JSON.stringify(line)).toSorted() : lines;
      assert.deepEqual(seen(virtual), seen(real));
      assert.deepEqual(seen(await logOf(run)), seen(real), "outside of worlds");
    });
  }
});
