export { type DeadlockOptions, exitOnDeadlock } from "./deadlock.ts";
export { type GoOptions, Task, go } from "./go.ts";
export { type Group, type GroupOptions, group } from "./group.ts";
export { SingleFlight, type Shared } from "./single-flight.ts";
export { type RunningTask, recordSpawns, recordingSpawns, runningTasks } from "./running.ts";
export type { TaskState } from "../runtime/registry.ts";
export { current, enableCurrent } from "./current.ts";
