export { bubble, type BubbleOptions } from "./bubble.ts";
export { exhaustive, type Exhausted, type ExhaustiveOptions } from "./explore/exhaustive.ts";
export { explore, type Explored, type ExploreOptions, type StrategyName } from "./explore/explore.ts";
export type { FaultKind } from "./explore/fault.ts";
export { ExploreError, type Watch } from "./explore/report.ts";
export type { Body, T } from "./explore/run.ts";
export { type FastCheck, type Schedule, schedules } from "./explore/schedules.ts";
export { atomicGroup, tracked } from "./race/tracked.ts";
