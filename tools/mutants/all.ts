import { chan } from "./chan.ts";
import { context } from "./context.ts";
import { flow } from "./flow.ts";
import type { Mutant } from "./mutant.ts";
import { runtime } from "./runtime.ts";
import { select } from "./select.ts";
import { sync } from "./sync.ts";
import { task } from "./task.ts";

/** MUTANTS are all of them, from the lowest floor up. */
export const MUTANTS: readonly Mutant[] = [...runtime, ...context, ...chan, ...select, ...sync, ...task, ...flow];
