export { type GoOptions, Task, go } from "./go.ts";
export { type RunningTask, runningTasks } from "./running.ts";
