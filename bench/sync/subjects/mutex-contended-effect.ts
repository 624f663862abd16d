import { Effect, Semaphore } from "effect";
import { printNanoseconds } from "../../lib/kernel.ts";
import { TASKS, proveLimit } from "../kernels.ts";

const COUNT = 160_000;
const mutex = Semaphore.makeUnsafe(1);
await proveLimit(1, (fn) => Effect.runPromise(mutex.withPermit(Effect.promise(fn))));

const locked = mutex.withPermit(Effect.yieldNow);
const task = Effect.gen(function* () {
  for (let i = 0; i < COUNT / TASKS; i++) yield* locked;
});
const program = Effect.all(
  Array.from({ length: TASKS }, () => task),
  { concurrency: "unbounded", discard: true },
);
await printNanoseconds({ count: COUNT }, () => Effect.runPromise(program));
