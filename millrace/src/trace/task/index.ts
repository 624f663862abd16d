export { traceTasks } from "./trace-tasks.ts";
