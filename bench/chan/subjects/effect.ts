import { Effect, Fiber, Queue } from "effect";
import { type Kernel, measureKernel } from "../../lib/transfer.ts";

// One Effect program per run, so that nothing but the program enters and leaves Effect; a fiber for each side, and
// bounded queues, whose offers wait: with a capacity of 0 that is a hand-off. For many values at once: offerAll and
// takeAll, in pieces of the queue's size.

const kernels: Readonly<Record<string, Kernel>> = {
  "ping-pong": {
    count: 200_000,
    run: (count) =>
      Effect.runPromise(
        Effect.gen(function* () {
          const ping = yield* Queue.bounded<number>(0);
          const pong = yield* Queue.bounded<number>(0);
          // The count is known, so no end has to be looked for.
          const echo = Effect.gen(function* () {
            for (let i = 0; i < count; i++) yield* Queue.offer(pong, (yield* Queue.take(ping)) + 1);
          });
          const echoing = yield* Effect.forkChild(echo);
          let sum = 0;
          for (let i = 0; i < count; i++) {
            yield* Queue.offer(ping, i);
            sum += yield* Queue.take(pong);
          }
          yield* Fiber.join(echoing);
          return sum;
        }),
      ),
  },
  unbuffered: { count: 200_000, run: (count) => oneByOne(count, 0) },
  buffered: { count: 400_000, run: (count) => oneByOne(count, 128) },
  "buffered-batches": {
    count: 2_000_000,
    run: (count) =>
      Effect.runPromise(
        Effect.gen(function* () {
          const queue = yield* Queue.bounded<number>(128);
          const send = Effect.gen(function* () {
            for (let i = 0; i < count; i += 128) {
              const piece = Array.from({ length: Math.min(128, count - i) }, (_, j) => i + j);
              yield* Queue.offerAll(queue, piece);
            }
          });
          const sending = yield* Effect.forkChild(send);
          let sum = 0;
          for (let left = count; left > 0;) {
            const piece = yield* Queue.takeAll(queue);
            left -= piece.length;
            for (const v of piece) sum += v;
          }
          yield* Fiber.join(sending);
          return sum;
        }),
      ),
  },
};

function oneByOne(count: number, capacity: number): Promise<number> {
  return Effect.runPromise(
    Effect.gen(function* () {
      const queue = yield* Queue.bounded<number>(capacity);
      const send = Effect.gen(function* () {
        for (let i = 0; i < count; i++) yield* Queue.offer(queue, i);
      });
      const sending = yield* Effect.forkChild(send);
      let sum = 0;
      for (let i = 0; i < count; i++) sum += yield* Queue.take(queue);
      yield* Fiber.join(sending);
      return sum;
    }),
  );
}

await measureKernel(kernels, (name) => (name === "ping-pong" ? 1 : 0));
