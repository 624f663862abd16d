import { go } from "../../../../task/index.ts";
import { type Litmus, fails, hop, hops, reads, shared, writes } from "./program.ts";

/** promises are the edges of promises and what combines them. */
export const promises: readonly Litmus[] = [
  {
    edge: "a promise is settled → an await of it, begun before or after",
    ordered: async () => {
      const x = shared();
      const { promise, resolve } = Promise.withResolvers<void>();
      const early = reads(x, "a", promise);
      const late = hops(9).then(async () => await reads(x, "a", promise));
      await hops(3);
      x.a = 1;
      resolve();
      await Promise.all([early, late]);
    },
    without: "the late one does not await it",
    unordered: async () => {
      const x = shared();
      const { promise, resolve } = Promise.withResolvers<void>();
      const early = reads(x, "a", promise);
      const late = hops(9).then(() => x.a);
      await hops(3);
      x.a = 1;
      resolve();
      await Promise.all([early, late]);
    },
  },
  {
    edge: "all of the promises → Promise.all",
    ordered: async () => {
      const x = shared();
      await Promise.all([writes(x, "a")(), writes(x, "b")()]);
      void (x.a + x.b);
    },
    without: "Promise.race: the winner alone",
    unordered: async () => {
      const x = shared();
      const loser = writes(x, "b", 4)();
      await Promise.race([writes(x, "a")(), loser]);
      await hops(9);
      void (x.a + x.b);
      await loser;
    },
  },
  {
    edge: "tasks and other thenables → Promise.all",
    ordered: async ({ ctx }) => {
      const x = shared();
      await Promise.all([go(ctx, writes(x, "a", 5)), go(ctx, writes(x, "b"))]);
      void (x.a + x.b);
    },
    without: "one of them is not among them",
    unordered: async ({ ctx }) => {
      const x = shared();
      const task = go(ctx, writes(x, "b"));
      await Promise.all([go(ctx, writes(x, "a", 5)), hop()]);
      void (x.a + x.b);
      await task;
    },
  },
  {
    edge: "all of the promises, kept or broken → Promise.allSettled",
    ordered: async () => {
      const x = shared();
      await Promise.allSettled([fails(x, "a"), writes(x, "b", 4)()]);
      void (x.a + x.b);
    },
    without: "Promise.all, which the first to fail ends",
    unordered: async () => {
      const x = shared();
      const other = writes(x, "b", 4)();
      await Promise.all([fails(x, "a"), other]).catch(() => {});
      await hops(9);
      void (x.a + x.b);
      await other;
    },
  },
  {
    edge: "the winner → Promise.race and Promise.any",
    ordered: async () => {
      const x = shared();
      const never = hops(50);
      await Promise.race([writes(x, "a")(), new Promise(() => {})]);
      await Promise.any([writes(x, "b")(), Promise.reject(new Error("broken"))]);
      void (x.a + x.b);
      await never;
    },
    without: "Promise.any: the loser",
    unordered: async () => {
      const x = shared();
      const loser = writes(x, "b", 4)();
      await Promise.any([writes(x, "a")(), loser]);
      await hops(9);
      void x.b;
      await loser;
    },
  },
  {
    edge: "all of the promises → the failure of Promise.any",
    ordered: async () => {
      const x = shared();
      await Promise.any([fails(x, "a"), fails(x, "b")]).catch(() => {});
      void (x.a + x.b);
    },
    without: "one of them is not among them",
    unordered: async () => {
      const x = shared();
      const other = fails(x, "b").catch(() => {});
      await Promise.any([fails(x, "a"), Promise.reject(new Error("broken"))]).catch(() => {});
      void x.b;
      await other;
    },
  },
];
