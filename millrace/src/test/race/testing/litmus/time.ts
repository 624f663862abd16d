import { go } from "../../../../task/index.ts";
import { type Litmus, shared, writes } from "./program.ts";

/** time is the edges of timers, microtasks and settle. */
export const time: readonly Litmus[] = [
  {
    edge: "a timer is set → it fires",
    ordered: async () => {
      const x = shared();
      x.a = 1;
      await new Promise<void>((resolve) => setTimeout(() => resolve(void x.a), 5));
    },
    without: "a timer of another task that fires earlier",
    unordered: async (t) => {
      const x = shared();
      const early = t.sleep(1).then(() => (x.a = 1));
      await t.sleep(2);
      void x.a;
      await early;
    },
  },
  {
    edge: "a tick of an interval → the next",
    ordered: async () => {
      const x = shared();
      await new Promise<void>((resolve) => {
        const interval = setInterval(() => {
          if (++x.a < 3) return;
          clearInterval(interval);
          resolve();
        }, 5);
      });
      void x.a;
    },
    without: "two intervals",
    unordered: async () => {
      const x = shared();
      await new Promise<void>((resolve) => {
        const one = setInterval(() => (x.a = 1), 5);
        const other = setInterval(() => {
          void x.a;
          clearInterval(one);
          clearInterval(other);
          resolve();
        }, 5);
      });
    },
  },
  {
    edge: "what queues a microtask → the microtask",
    ordered: async () => {
      const x = shared();
      x.a = 1;
      await new Promise<void>((resolve) => queueMicrotask(() => resolve(void x.a)));
    },
    without: "the order in which two were queued",
    unordered: async () => {
      const x = shared();
      await new Promise<void>((resolve) => {
        queueMicrotask(() => (x.a = 1));
        queueMicrotask(() => resolve(void x.a));
      });
    },
  },
  {
    edge: "everything that has run → settle",
    ordered: async (t) => {
      const x = shared();
      const task = go(t.ctx, writes(x, "a", 9));
      await t.settle();
      void x.a;
      await task;
    },
    without: "sleep",
    unordered: async (t) => {
      const x = shared();
      const task = go(t.ctx, writes(x, "a", 9));
      await t.sleep(1);
      void x.a;
      await task;
    },
  },
];
