import { Effect, Semaphore } from "effect";
import { JOBS, job, printJobs, proveLimit } from "../kernels.ts";

const limit = Semaphore.makeUnsafe(16);
await proveLimit(16, (fn) => Effect.runPromise(limit.withPermit(Effect.promise(fn))));

// Effect's own way to limit what runs together.
const jobs = Array.from({ length: JOBS }, (_, i) => i);
const program = Effect.forEach(jobs, (i) => Effect.promise(() => job(i)), { concurrency: 16 });
await printJobs(() => Effect.runPromise(program));
