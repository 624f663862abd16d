import { chan, closed, fromPromise, select, trySelect } from "../../../../chan/index.ts";
import { type Litmus, both, hop, hops, shared, writes } from "./program.ts";

/** channels are the edges of channels and selects. */
export const channels: readonly Litmus[] = [
  {
    edge: "channel: the k-th send → the k-th receive",
    ordered: async ({ ctx }) => {
      const [x, ch] = [shared(), chan<number>(2)];
      await both(
        async () => {
          x.a = 1;
          await ch.send(ctx, 1);
          x.b = 1;
          await ch.send(ctx, 2);
        },
        async () => {
          await hops(9);
          await ch.recv(ctx);
          void x.a;
          await ch.recv(ctx);
          void x.b;
        },
      );
    },
    without: "the read comes a receive too early",
    unordered: async ({ ctx }) => {
      const [x, ch] = [shared(), chan<number>(2)];
      await both(
        async () => {
          await ch.send(ctx, 1);
          await hop();
          x.b = 1;
          await ch.send(ctx, 2);
        },
        async () => {
          await hops(9);
          await ch.recv(ctx);
          void x.b;
          await ch.recv(ctx);
        },
      );
    },
  },
  {
    edge: "channel without a buffer: a receive → the end of its send, whoever came first",
    ordered: async ({ ctx }) => {
      const [x, ch] = [shared(), chan<number>()];
      await both(
        async () => {
          x.a = 1;
          await ch.recv(ctx);
          await hops(9);
          x.b = 1;
          await ch.recv(ctx);
        },
        async () => {
          await hops(4);
          await ch.send(ctx, 1);
          void x.a;
          await ch.send(ctx, 2);
          void x.b;
        },
      );
    },
    without: "a buffer",
    unordered: async ({ ctx }) => {
      const [x, ch] = [shared(), chan<number>(1)];
      await both(
        async () => {
          x.a = 1;
          await ch.recv(ctx);
        },
        async () => {
          await hops(4);
          await ch.send(ctx, 1);
          void x.a;
        },
      );
    },
  },
  {
    edge: "channel with room for C: the k-th receive → the end of the (k + C)-th send",
    ordered: async ({ ctx }) => {
      const [x, ch] = [shared(), chan<number>(1)];
      await both(
        async () => {
          x.a = 1;
          await ch.recv(ctx);
          x.b = 1;
          await ch.recv(ctx);
        },
        async () => {
          for (const n of [1, 2, 3]) {
            await hops(4);
            await ch.send(ctx, n);
            if (n > 1) void x.a;
            if (n > 2) void x.b;
          }
        },
      );
    },
    without: "room for one more",
    unordered: async ({ ctx }) => {
      const [x, ch] = [shared(), chan<number>(2)];
      await both(
        async () => {
          x.a = 1;
          await ch.recv(ctx);
        },
        async () => {
          await hops(9);
          await ch.send(ctx, 1);
          await ch.send(ctx, 2);
          void x.a;
        },
      );
    },
  },
  {
    edge: "channel: close → a receive of the end, and the end of an iteration",
    ordered: async ({ ctx }) => {
      const [x, ch] = [shared(), chan<number>()];
      const reader = (n: number) => async (): Promise<void> => {
        await hops(n);
        for await (const _ of ch.iter(ctx)) throw new Error("no value was sent");
        void x.a;
      };
      await both(
        async () => {
          await hops(3);
          x.a = 1;
          ch.close();
        },
        reader(0),
        reader(9),
      );
    },
    without: "the write comes after close",
    unordered: async ({ ctx }) => {
      const [x, ch] = [shared(), chan<number>()];
      await both(
        async () => {
          ch.close();
          await hop();
          x.a = 1;
        },
        async () => {
          await hops(9);
          if ((await ch.recv(ctx)) === closed) void x.a;
        },
      );
    },
  },
  {
    edge: "select: whoever is on the other side → the case that is taken",
    ordered: async ({ ctx }) => {
      const [x, y, z] = [shared(), chan<number>(1), chan<number>()];
      await both(
        async () => {
          x.a = 1;
          await select(ctx, { y: y.onSend(1) });
          await hops(9);
          x.b = 1;
          await select(ctx, { z: z.onSend(2) });
        },
        async () => {
          await hops(4);
          await select(ctx, { y, z });
          void x.a;
          await select(ctx, { y, z });
          void x.b;
        },
      );
    },
    without: "a case that it does not take",
    unordered: async ({ ctx }) => {
      const [x, y, z] = [shared(), chan<number>(1), chan<number>()];
      await both(
        async () => {
          x.a = 1;
          await y.send(ctx, 1);
        },
        async () => {
          await hops(4);
          z.close();
          await select(ctx, { z });
          void x.a;
        },
      );
    },
  },
  {
    edge: "trySelect, tryRecv, trySend: whoever is on the other side → what is done",
    ordered: async () => {
      const [x, y, z] = [shared(), chan<number>(1), chan<number>(1)];
      await both(
        async () => {
          x.a = 1;
          y.trySend(1);
          await hop();
          x.b = 1;
          trySelect({ z: z.onSend(1) });
        },
        async () => {
          await hops(9);
          if (trySelect({ y }) !== undefined) void x.a;
          if (typeof z.tryRecv() === "number") void x.b;
        },
      );
    },
    without: "they fail",
    unordered: async ({ ctx }) => {
      const [x, y] = [shared(), chan<number>(1)];
      await both(
        async () => {
          await y.send(ctx, 1);
          x.a = 1;
          y.trySend(1);
        },
        async () => {
          await hops(9);
          if (!y.trySend(2) && trySelect({ y: y.onSend(3) }) === undefined) void x.a;
        },
      );
    },
  },
  {
    edge: "fromPromise: the promise → the select, also a later one",
    ordered: async ({ ctx }) => {
      const x = shared();
      const ready = writes(x, "a")();
      const arm = fromPromise(ready);
      await hops(9);
      await select(ctx, { arm });
      void x.a;
      await ready;
    },
    without: "no select",
    unordered: async () => {
      const x = shared();
      const ready = writes(x, "a")();
      fromPromise(ready);
      await hops(9);
      void x.a;
      await ready;
    },
  },
];
