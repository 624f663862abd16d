import { cancels } from "./litmus/cancels.ts";
import { channels } from "./litmus/channels.ts";
import { locks } from "./litmus/locks.ts";
import type { Litmus } from "./litmus/program.ts";
import { promises } from "./litmus/promises.ts";
import { tasks } from "./litmus/tasks.ts";
import { time } from "./litmus/time.ts";
import { waits } from "./litmus/waits.ts";

/** litmus is every edge that there is: the table of docs/reference/happens-before.md. */
export const litmus: readonly Litmus[] = [...promises, ...tasks, ...time, ...locks, ...waits, ...channels, ...cancels];
