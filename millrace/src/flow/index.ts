export { Flow } from "./flow.ts";
export type { Source } from "./source.ts";
export { type MapOptions, map } from "./map.ts";
export { merge } from "./merge.ts";
export { type TeeOptions, tee } from "./tee.ts";
export { type BatchOptions, batch } from "./batch.ts";
export { type ThrottleOptions, throttle } from "./throttle.ts";
export { race } from "./race.ts";
export { Pipeline, type Stage, pipeline } from "./pipeline.ts";
