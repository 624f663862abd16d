import { CtxNode } from "../../context/node.ts";
import type { Alarm } from "../../runtime/alarm.ts";
import { Parked } from "../../runtime/parked.ts";
import { type TaskEntry, isRunning, leave } from "../../runtime/registry.ts";
import type { Waiter } from "../../runtime/waiter.ts";
import type { Holding } from "../deadlocks/holding.ts";
import type { World } from "../world/world.ts";
import type { Leak, LeakKind } from "./leak.ts";
import { Live } from "./live.ts";
import { type Stack, madeAt } from "./stack.ts";

/** Started is a note on something that a watch looks after. */
export interface Started {
  readonly stack: Stack | null;
}

interface Wait extends Started {
  /** what is for a reader: "to receive from a channel". */
  readonly what: () => string;
  /** resolve is how it ends: a waiter that has ended may be used for another wait. */
  readonly resolve: unknown;
}

/** Open is a timer or a listener, which says itself whether it still is. */
export interface Open extends Started {
  readonly kind: LeakKind;
  readonly name: string;
  readonly state: string;
  readonly open: () => boolean;
}

// The alarms whose owners a program has to end, by the class of who is woken.
const ALARMS: Readonly<Record<string, { readonly kind: LeakKind; readonly name: string }>> = {
  Deadline: { kind: "context", name: "context with a deadline" },
  Ticker: { kind: "ticker", name: "ticker" },
};

/** Watch knows what was begun in one test, or world, and has not ended. */
export class Watch {
  readonly tasks: Live<TaskEntry, Started> = new Live(isRunning);
  readonly waits: Live<Waiter, Wait> = new Live(isWaiting);
  readonly locks: Live<Holding, object> = new Live((holding) => holding.open);
  readonly alarms: Live<Alarm, Started> = new Live(() => true);
  readonly others: Live<object, Open> = new Live((_, { open }) => open());
  /** world is where it watches: what other worlds do is not its business. */
  readonly world: World | undefined;
  /** outer watches too. */
  readonly outer: Watch | undefined;
  /** open says whether anything new is noted. */
  open = true;

  constructor(world: World | undefined, outer?: Watch) {
    this.world = world;
    this.outer = outer;
  }

  parked(waiter: Waiter, what: () => string, stack: Stack | null): void {
    this.waits.add(waiter, { what, stack, resolve: waiter instanceof Parked ? waiter.resolve : null });
  }

  /** left lists what is alive. */
  left(): Leak[] {
    const waits = this.waits.list();
    const told = new Set<Waiter>();
    const leaks: Leak[] = this.tasks.list().map(([task, { stack }]) => {
      const wait = waits.find(([{ host }]) => isBelow(host, task));
      if (wait !== undefined) told.add(wait[0]);
      const state = wait !== undefined ? `waits ${wait[1].what()}` : stateOf(task);
      const at = wait?.[1].stack?.frames() ?? [];
      return { kind: "task", name: task.name, state, at, from: stack?.frames() ?? [], thing: task };
    });
    for (const [waiter, { what, stack }] of waits) {
      if (told.has(waiter)) continue;
      leaks.push({
        kind: "wait",
        name: "a wait",
        state: `waits ${what()}`,
        at: stack?.frames() ?? [],
        from: [],
        thing: waiter,
      });
    }
    for (const [holding] of this.locks.list()) {
      // What is tried at the end, to see that it is free, is no leak.
      if (this.world !== undefined && !holding.awaited) continue;
      const from = holding.stack?.frames() ?? [];
      const name = `${holding.lock.constructor.name}${madeAt(holding.lock)}`;
      leaks.push({ kind: "lock", name, state: `is held by ${holding.by}`, at: [], from, thing: holding });
    }
    for (const [alarm, { stack }] of this.alarms.list()) {
      const known = ALARMS[alarm.sleeping.constructor.name];
      if (known === undefined) continue;
      leaks.push({ ...known, state: "its timer is set", at: [], from: stack?.frames() ?? [], thing: alarm });
    }
    for (const [thing, { kind, name, state, stack }] of this.others.list()) {
      const from = stack?.frames() ?? [];
      // What Node does for itself has no frame of anybody's.
      if (from.length > 0) leaks.push({ kind, name, state, at: [], from, thing });
    }
    return leaks;
  }

  /** close ends the watch of a world that will not go on: its tasks are no tasks any more. */
  close(): void {
    this.open = false;
    for (const [task] of this.tasks.list()) leave(task);
  }
}

function stateOf({ state, waits }: TaskEntry): string {
  if (waits !== undefined) return `waits ${waits}`;
  if (state === "canceled") return "goes on although its context has ended";
  return "runs, or waits for something the toolkit does not see";
}

function isWaiting(waiter: Waiter, { resolve }: Wait): boolean {
  if (!(waiter instanceof Parked)) return waiter.host !== null;
  // A select stands in several queues, through others.
  return waiter.resolve === resolve && (waiter.queue !== null || waiter.waits === SELECT);
}

const SELECT = "for a case of a select";

// A task waits on its own context, or on one that it has derived.
function isBelow(host: unknown, task: TaskEntry): boolean {
  for (let node = host instanceof CtxNode ? host : null; node !== null; node = node.up) {
    if ((node as object) === task) return true;
  }
  return false;
}
