import { SingleFlight, go, group } from "../../../../task/index.ts";
import { type Litmus, both, hop, hops, shared, writes } from "./program.ts";

/** tasks are the edges of tasks, groups and single flights. */
export const tasks: readonly Litmus[] = [
  {
    edge: "what calls `go` → the task",
    ordered: async ({ ctx }) => {
      const x = shared();
      x.a = 1;
      await go(ctx, () => x.a);
    },
    without: "the write comes an await after the call",
    unordered: async ({ ctx }) => {
      const x = shared();
      const task = go(ctx, () => x.a);
      await hop();
      x.a = 1;
      await task;
    },
  },
  {
    edge: "a task → the await of it",
    ordered: async ({ ctx }) => {
      const x = shared();
      await go(ctx, writes(x, "a"));
      void x.a;
    },
    without: "the read comes before the await",
    unordered: async ({ ctx }) => {
      const x = shared();
      const task = go(ctx, writes(x, "a"));
      await hops(9);
      void x.a;
      await task;
    },
  },
  {
    edge: "a task that has ended already → the await of it",
    ordered: async (t) => {
      const x = shared();
      const task = go(t.ctx, writes(x, "a"));
      await t.sleep(5);
      await task;
      void x.a;
    },
    without: "the time has passed, and that is all",
    unordered: async (t) => {
      const x = shared();
      const task = go(t.ctx, writes(x, "a"));
      await t.sleep(5);
      void x.a;
      await task;
    },
  },
  {
    edge: "group: each task → wait, also one that need not wait",
    ordered: async (t) => {
      for (const ms of [0, 5]) {
        const x = shared();
        await using tasks = group(t.ctx);
        void tasks.go(writes(x, "a", 1));
        void tasks.go(writes(x, "b", 6));
        if (ms > 0) await t.sleep(ms);
        await tasks.wait();
        void (x.a + x.b);
      }
    },
    without: "the read comes before wait",
    unordered: async (t) => {
      const x = shared();
      await using tasks = group(t.ctx);
      void tasks.go(writes(x, "a", 1));
      await t.sleep(5);
      void x.a;
      await tasks.wait();
    },
  },
  {
    edge: "group with a limit of n: the end of a task → the start of the n-th after it",
    ordered: async (t) => {
      const x = shared();
      await using tasks = group(t.ctx, { limit: 1 });
      for (let i = 0; i < 3; i++) await tasks.go(writes(x, "a"));
      await tasks.wait();
    },
    without: "a limit of one more",
    unordered: async (t) => {
      const x = shared();
      await using tasks = group(t.ctx, { limit: 2 });
      for (let i = 0; i < 2; i++) await tasks.go(writes(x, "a"));
      await tasks.wait();
    },
  },
  {
    edge: "SingleFlight: the call → all who share its result",
    ordered: async ({ ctx }) => {
      const x = shared();
      const flight = new SingleFlight<string, number>();
      const user = async (): Promise<void> => {
        await flight.do(ctx, "key", async () => {
          await hops(3);
          return (x.a += 1);
        });
      };
      await both(async () => {
        await Promise.all([user(), user()]);
        void x.a;
      }, hop);
    },
    without: "two keys",
    unordered: async ({ ctx }) => {
      const x = shared();
      const flight = new SingleFlight<number, number>();
      let key = 0;
      await both(async () => void (await flight.do(ctx, key++, writes(x, "a"))));
    },
  },
];
