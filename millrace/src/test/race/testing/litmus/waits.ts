import { Cond, Mutex, ObjectPool, Once, WaitGroup } from "../../../../sync/index.ts";
import { type Litmus, both, hop, hops, shared, writes } from "./program.ts";

/** waits are the edges of what tasks wait for one another by. */
export const waits: readonly Litmus[] = [
  {
    edge: "WaitGroup: each done → wait",
    ordered: async ({ ctx }) => {
      const [x, tasks] = [shared(), new WaitGroup()];
      tasks.go(writes(x, "a", 1));
      tasks.go(writes(x, "b", 6));
      await tasks.wait(ctx);
      void (x.a + x.b);
    },
    without: "the read comes before wait",
    unordered: async ({ ctx }) => {
      const [x, tasks] = [shared(), new WaitGroup()];
      tasks.go(writes(x, "a"));
      await hops(9);
      void x.a;
      await tasks.wait(ctx);
    },
  },
  {
    edge: "WaitGroup: each done → a wait that need not wait",
    ordered: async (t) => {
      const [x, tasks] = [shared(), new WaitGroup()];
      tasks.go(writes(x, "a", 1));
      tasks.go(writes(x, "b", 6));
      await t.sleep(5);
      await tasks.wait(t.ctx);
      void (x.a + x.b);
    },
    without: "no wait",
    unordered: async (t) => {
      const [x, tasks] = [shared(), new WaitGroup()];
      tasks.go(writes(x, "a"));
      await t.sleep(5);
      void x.a;
    },
  },
  {
    edge: "Once: the run → every do",
    ordered: async () => {
      const [x, once] = [shared(), new Once()];
      const user = (n: number) => async (): Promise<void> => {
        await hops(n);
        await once.do(writes(x, "a"));
        void x.a;
      };
      await both(user(0), user(1), user(9));
    },
    without: "a Once for each",
    unordered: async () => {
      const x = shared();
      const user = async (): Promise<void> => {
        await new Once().do(writes(x, "a"));
        void x.a;
      };
      await both(user);
    },
  },
  {
    edge: "Cond: signal → the wait that it ends",
    ordered: async (t) => {
      const [x, mutex] = [shared(), new Mutex()];
      const cond = new Cond(mutex);
      await both(
        async () => {
          using guard = await mutex.lock(t.ctx);
          await cond.wait(t.ctx, guard);
          void x.a;
        },
        async () => {
          await t.settle();
          x.a = 1;
          cond.signal();
        },
      );
    },
    without: "the write comes after the signal",
    unordered: async (t) => {
      const [x, mutex] = [shared(), new Mutex()];
      const cond = new Cond(mutex);
      await both(
        async () => {
          using guard = await mutex.lock(t.ctx);
          await cond.wait(t.ctx, guard);
          await hops(9);
          void x.a;
        },
        async () => {
          await t.settle();
          cond.signal();
          await hop();
          x.a = 1;
        },
      );
    },
  },
  {
    edge: "Cond: a signal while the lock is held by a third → the wait that it ends",
    ordered: async (t) => {
      const [x, mutex] = [shared(), new Mutex()];
      const cond = new Cond(mutex);
      await both(
        async () => {
          using guard = await mutex.lock(t.ctx);
          await cond.wait(t.ctx, guard);
          void (x.a + x.b);
        },
        async () => {
          await t.sleep(1);
          await mutex.withLock(t.ctx, async () => {
            x.b = 1;
            await t.sleep(9);
          });
        },
        async () => {
          await t.sleep(5);
          x.a = 1;
          cond.signal();
        },
      );
    },
    without: "another task signals",
    unordered: async (t) => {
      const [x, mutex] = [shared(), new Mutex()];
      const cond = new Cond(mutex);
      await both(
        async () => {
          using guard = await mutex.lock(t.ctx);
          await cond.wait(t.ctx, guard);
          void x.a;
        },
        async () => {
          await t.sleep(4);
          x.a = 1;
        },
        async () => {
          await t.sleep(5);
          cond.signal();
        },
      );
    },
  },
  {
    edge: "ObjectPool: put → the get of the same",
    ordered: async () => {
      const pool = new ObjectPool(shared);
      await both(
        async () => {
          const x = pool.get();
          await hop();
          x.a++;
          pool.put(x);
        },
        async () => {
          await hops(9);
          pool.put(Object.assign(pool.get(), { a: 2 }));
        },
      );
    },
    without: "it is used after it was put",
    unordered: async () => {
      const pool = new ObjectPool(shared);
      await both(
        async () => {
          const x = pool.get();
          pool.put(x);
          await hop();
          x.a = 1;
        },
        async () => {
          await hops(9);
          void pool.get().a;
        },
      );
    },
  },
];
