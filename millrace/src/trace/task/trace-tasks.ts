import type { Ctx } from "../../context/index.ts";
import { Failure } from "../../errors/index.ts";
import { type Around, around, putAround } from "../../runtime/around.ts";
import { runAs } from "../../runtime/current.ts";
import { activeSpan, span } from "../index.ts";

/**
 * traceTasks makes every task that is started below a span that is recorded a span of its own, "task NAME", until it is
 * disposed: it begins when the task's function is called and ends with the task, and notes what that throws. Other tasks cost
 * what they cost without it, but for one look-up. Once per process: "trace/tasks_traced" otherwise.
 */
export function traceTasks(): Disposable {
  if (around !== null) {
    throw new Failure("trace: tasks are traced already", { code: "already_exists", reason: "trace/tasks_traced" });
  }
  const traced: Around = (own, name, fn) => {
    // Only the context of a task is given here.
    const ctx = own as unknown as Ctx;
    if (ctx.get(activeSpan)?.recording !== true) return runAs(own, fn, own, undefined);
    // The span's context stands for the task's: it ends with it.
    return span(ctx, `task ${name}`, fn as unknown as (ctx: Ctx) => unknown);
  };
  putAround(traced);
  return {
    [Symbol.dispose]() {
      if (around === traced) putAround(null);
    },
  };
}
