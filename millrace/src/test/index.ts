export { bubble, type BubbleOptions } from "./bubble.ts";
export { explore, ExploreError, type Explored, type ExploreOptions, type StrategyName } from "./explore/explore.ts";
export type { FaultKind } from "./explore/fault.ts";
export type { Body, T } from "./explore/run.ts";
