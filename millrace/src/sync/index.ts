export { Cond } from "./cond.ts";
export type { Guard } from "./guard.ts";
export { Guarded, type ValueGuard } from "./guarded.ts";
export { Mutex } from "./mutex.ts";
export { ObjectPool, type ObjectPoolOptions } from "./object-pool.ts";
export { Once, type OnceOptions, onceValue } from "./once.ts";
export { RWMutex } from "./rw-mutex.ts";
export { Semaphore } from "./semaphore.ts";
export { WaitGroup } from "./wait-group.ts";
