import { Guarded, Mutex, RWMutex, Semaphore } from "../../../../sync/index.ts";
import { type Litmus, both, hop, hops, shared, writes } from "./program.ts";

/** locks are the edges of what tasks hold. */
export const locks: readonly Litmus[] = [
  {
    edge: "Mutex: unlock → the next lock",
    ordered: async ({ ctx }) => {
      const [x, mutex] = [shared(), new Mutex()];
      await both(async () => await mutex.withLock(ctx, writes(x, "a")));
    },
    without: "two mutexes",
    unordered: async ({ ctx }) => {
      const x = shared();
      await both(async () => await new Mutex().withLock(ctx, writes(x, "a")));
    },
  },
  {
    edge: "Mutex: unlock → a tryLock that takes it",
    ordered: async ({ ctx }) => {
      const [x, mutex] = [shared(), new Mutex()];
      await both(
        async () => {
          await mutex.lock(ctx);
          x.a = 1;
          mutex.unlock();
        },
        async () => {
          await hops(9);
          using guard = mutex.tryLock();
          if (guard !== undefined) void x.a;
        },
      );
    },
    without: "a tryLock that fails",
    unordered: async ({ ctx }) => {
      const [x, mutex] = [shared(), new Mutex()];
      await both(
        async () => {
          await mutex.lock(ctx);
          x.a = 1;
          await hops(20);
          mutex.unlock();
        },
        async () => {
          await hops(9);
          if (mutex.tryLock() === undefined) void x.a;
        },
      );
    },
  },
  {
    edge: "Guarded: the end of one → the next",
    ordered: async ({ ctx }) => {
      const guarded = new Guarded(shared());
      await both(async () => await guarded.withLock(ctx, (_, held) => void held.value.a++));
    },
    without: "the value is kept for later",
    unordered: async ({ ctx }) => {
      const guarded = new Guarded(shared());
      await both(async () => {
        const x = await guarded.withLock(ctx, (_, held) => held.value);
        await hop();
        x.a = 1;
      });
    },
  },
  {
    edge: "RWMutex: unlock → rlock and lock",
    ordered: async ({ ctx }) => {
      const [x, lock] = [shared(), new RWMutex()];
      const reader = async (): Promise<void> => await lock.withRLock(ctx, () => void x.a);
      await both(async () => void (await lock.withLock(ctx, writes(x, "a"))), reader, reader);
    },
    without: "runlock → rlock: readers are not ordered",
    unordered: async ({ ctx }) => {
      const [x, lock] = [shared(), new RWMutex()];
      await both(async () => await lock.withRLock(ctx, writes(x, "a")));
    },
  },
  {
    edge: "RWMutex: runlock, of each reader → lock",
    ordered: async ({ ctx }) => {
      const [x, lock] = [shared(), new RWMutex()];
      const reader = (key: "a" | "b", n: number) => async (): Promise<void> =>
        await lock.withRLock(ctx, async () => {
          await hops(n);
          void x[key];
        });
      await both(reader("a", 1), reader("b", 6), async () => {
        using _ = await lock.lock(ctx);
        x.a = x.b = 1;
      });
    },
    without: "runlock → the rlock of a writer",
    unordered: async ({ ctx }) => {
      const [x, lock] = [shared(), new RWMutex()];
      await both(
        async () => await lock.withRLock(ctx, () => void x.a),
        async () => {
          await hops(9);
          using _ = await lock.rlock(ctx);
          x.a = 1;
        },
      );
    },
  },
  {
    edge: "Semaphore of n: the k-th token comes back → the (k + n)-th is taken",
    ordered: async ({ ctx }) => {
      const [x, semaphore] = [shared(), new Semaphore(1)];
      await both(async () => await semaphore.withTokens(ctx, writes(x, "a")));
    },
    without: "there is a second token",
    unordered: async ({ ctx }) => {
      const [x, semaphore] = [shared(), new Semaphore(2)];
      await both(async () => await semaphore.withTokens(ctx, writes(x, "a")));
    },
  },
  {
    edge: "Semaphore: all of the tokens that it waits for → the acquire",
    ordered: async ({ ctx }) => {
      const [x, semaphore] = [shared(), new Semaphore(2)];
      const holder = (key: "a" | "b", n: number) => async (): Promise<unknown> =>
        await semaphore.withTokens(ctx, writes(x, key, n));
      await both(holder("a", 1), holder("b", 6), async () => {
        using _ = await semaphore.acquire(ctx, 2);
        void (x.a + x.b);
      });
    },
    without: "it waits for one of them",
    unordered: async ({ ctx }) => {
      const [x, semaphore] = [shared(), new Semaphore(2)];
      const holder = (key: "a" | "b", n: number) => async (): Promise<unknown> =>
        await semaphore.withTokens(ctx, writes(x, key, n));
      await both(holder("a", 1), holder("b", 6), async () => {
        using _ = await semaphore.acquire(ctx, 1);
        await hops(20);
        void (x.a + x.b);
      });
    },
  },
];
