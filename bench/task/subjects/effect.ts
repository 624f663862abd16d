import { Effect, Fiber, Latch } from "effect";
import { runKernel } from "./kernels.ts";

// Fibers of one runtime, in Effect's own language; unobserved by any tracer.
await runKernel({
  spawnJoin(count) {
    return Effect.runPromise(
      Effect.gen(function* () {
        let sum = 0;
        for (let i = 0; i < count; i++) sum += yield* Fiber.join(yield* Effect.forkChild(Effect.sync(() => i)));
        return sum;
      }),
    );
  },
  spawnJoinBatch(size) {
    return Effect.runPromise(
      Effect.gen(function* () {
        const fibers: Fiber.Fiber<number>[] = [];
        for (let i = 0; i < size; i++) fibers.push(yield* Effect.forkChild(Effect.sync(() => i)));
        let sum = 0;
        for (const fiber of fibers) sum += yield* Fiber.join(fiber);
        return sum;
      }),
    );
  },
  async block(count) {
    const gate = Latch.makeUnsafe(false);
    let waiting = 0;
    const wait = Effect.suspend(() => {
      waiting++;
      return gate.await;
    });
    const fibers: Fiber.Fiber<void>[] = [];
    for (let i = 0; i < count; i++) {
      fibers.push(Effect.runFork(wait));
      if (i % 1_000 === 999) await new Promise(setImmediate);
    }
    while (waiting < count) await new Promise(setImmediate);
    return {
      waiting: () => waiting,
      async release() {
        gate.openUnsafe();
        for (const fiber of fibers) await Effect.runPromise(Fiber.join(fiber));
        return fibers.length;
      },
    };
  },
});
