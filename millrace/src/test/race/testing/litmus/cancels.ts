import { chan, select, trySelect } from "../../../../chan/index.ts";
import { afterDone, background, withCancel } from "../../../../context/index.ts";
import { type Litmus, both, hop, hops, shared } from "./program.ts";

/** cancels are the edges of the end of a context. */
export const cancels: readonly Litmus[] = [
  ...(
    [
      ["ctx.err", (ctx) => ctx.err !== undefined],
      ["ctx.cause", (ctx) => ctx.cause !== undefined],
      ["ctx.signal", (ctx) => ctx.signal.aborted],
      ["ctx.done", (ctx) => trySelect({ done: ctx.done }) !== undefined],
      [
        "a wait that ctx refuses",
        async (ctx) =>
          await chan()
            .recv(ctx)
            .then(
              () => false,
              () => true,
            ),
      ],
      ["afterDone", async (ctx) => await new Promise<boolean>((resolve) => afterDone(ctx, () => resolve(true)))],
    ] satisfies [string, (ctx: ReturnType<typeof withCancel>) => boolean | Promise<boolean>][]
  ).map(([name, ended]): Litmus => ({
    edge: `cancel → ${name}`,
    ordered: async () => {
      const [x, ctx] = [shared(), withCancel(background)];
      await both(
        async () => {
          x.a = 1;
          ctx.cancel();
        },
        async () => {
          await hops(4);
          if (await ended(ctx)) void x.a;
        },
      );
    },
    without: "the write comes after cancel",
    unordered: async () => {
      const [x, ctx] = [shared(), withCancel(background)];
      await both(
        async () => {
          ctx.cancel();
          await hop();
          x.a = 1;
        },
        async () => {
          await hops(4);
          if (await ended(ctx)) void x.a;
        },
      );
    },
  })),
  {
    edge: "cancel → whoever waits",
    ordered: async () => {
      const [x, ctx] = [shared(), withCancel(background)];
      await both(
        async () => {
          await hops(9);
          x.a = 1;
          ctx.cancel();
        },
        async () => {
          await chan()
            .recv(ctx)
            .catch(() => {});
          await select(background, { done: ctx.done });
          void x.a;
        },
      );
    },
    without: "it waits for something else",
    unordered: async () => {
      const [x, ctx] = [shared(), withCancel(background)];
      await both(
        async () => {
          x.a = 1;
          ctx.cancel();
        },
        async () => {
          await hops(4);
          void x.a;
        },
      );
    },
  },
];
