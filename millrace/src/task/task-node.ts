import type { Ctx } from "../context/index.ts";
import { CancelNode, nodeOf } from "../context/node.ts";
import { around } from "../runtime/around.ts";
import { runAs } from "../runtime/current.ts";
import { rt } from "../runtime/hook.ts";
import { type TaskEntry, type TaskState, enter, leave, stamp } from "../runtime/registry.ts";

/** TaskFn is what a task runs, with the context that the task owns. */
export type TaskFn = (ctx: Ctx) => unknown;

// What every task waits for before it starts.
const NOW = Promise.resolve();

/**
 * TaskNode is a running task: the context that its function is given and its place in the registry, in one object,
 * because a task that is blocked costs what it holds. It leaves the registry before anybody learns that it has ended.
 */
export abstract class TaskNode extends CancelNode implements TaskEntry {
  readonly name: string;
  readonly startedAt: number = stamp();
  older: TaskEntry | null = null;
  newer: TaskEntry | null = null;

  constructor(parent: Ctx, name: string) {
    const up = nodeOf(parent);
    super(up);
    this.name = name;
    this.attach(up.core);
    enter(this);
  }

  get state(): TaskState {
    if (this.ended !== null) return "canceled";
    return this.firstWaiter === null ? "running" : "waiting";
  }

  get waits(): string | undefined {
    return waitsOn(this);
  }

  override label(): string {
    return `task(${this.name})`;
  }

  /** begin has the function called in a microtask; once per node. */
  begin(fn: TaskFn): void {
    void NOW.then(start.bind(this, fn));
  }

  /** succeeded is called once, if the function has given a value. */
  abstract succeeded(value: unknown): void;

  /** failed is called once, if the function has thrown or rejected. */
  abstract failed(err: unknown): void;
}

/** waitsOn says what is waited for on a context, if something is. */
export function waitsOn(ctx: CancelNode): string | undefined {
  for (let waiter = ctx.firstWaiter; waiter !== null; waiter = waiter.after) {
    if (waiter.waits !== undefined) return waiter.waits;
  }
  return undefined;
}

/** nameOf is what a task is called when nobody says. */
export function nameOf(fn: TaskFn): string {
  return fn.name || "task";
}

// Bound and no closures: two thirds of the memory. `then` and no await: an async frame would be a third of a task.
function start(this: TaskNode, fn: TaskFn): void {
  let result: unknown;
  if (rt !== null) rt.began(this);
  try {
    result = around === null ? runAs(this, fn, this, undefined) : around<TaskNode>(this, this.name, fn);
  } catch (err) {
    fail.call(this, err);
    return;
  }
  if (isThenable(result)) void Promise.resolve(result).then(succeed.bind(this), fail.bind(this));
  else succeed.call(this, result);
}

function succeed(this: TaskNode, value: unknown): void {
  leave(this);
  this.cancel();
  this.succeeded(value);
}

function fail(this: TaskNode, err: unknown): void {
  leave(this);
  this.cancel();
  this.failed(err);
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    value instanceof Promise ||
    (typeof value === "object" && value !== null && "then" in value && typeof value.then === "function")
  );
}
