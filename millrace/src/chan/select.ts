import type { Ctx } from "../context/index.ts";
import { nodeOf, park } from "../context/node.ts";
import type { RecvCase, SendCase } from "../runtime/arm.ts";
import { ready } from "../runtime/budget.ts";
import { rt } from "../runtime/hook.ts";
import { newSelection } from "./selection.ts";

/** Cases are the cases of a select by name; undefined and null stand for a nil channel, which is never ready. */
export type Cases = Readonly<Record<string, RecvCase<unknown> | SendCase | undefined | null>>;

/** CaseValue is what a case gives: a receive its value or `closed`, a send nothing. */
export type CaseValue<C> = C extends RecvCase<infer T> ? T : never;

/** Selected is the case that ran: a union with one member for each case, told apart by `key`. */
export type Selected<M extends Cases> = {
  [K in keyof M & string]-?: { readonly key: K; readonly value: CaseValue<NonNullable<M[K]>> };
}[keyof M & string];

/**
 * select waits until one of the cases can go on, and runs that one and no other:
 *
 *     const r = await select(ctx, { job: jobs, put: out.onSend(v), tick: after(50), stop: server.done });
 *
 * Of several that are ready it takes each with the same probability. The context ctx comes before all cases: the select
 * rejects with ctx.err, and nothing was taken or sent. A send on a closed channel rejects with its error. Without a case
 * that is not nil it waits for the context alone. Source: Go's runtime/select.go.
 */
export function select<const M extends Cases>(ctx: Ctx, cases: M): Promise<Selected<M>> {
  const node = nodeOf(ctx);
  if (node.core.ended !== null) return Promise.reject(node.core.ended.error());
  const selection = newSelection();
  const choice = selection.gather(cases);
  if (choice !== null) {
    try {
      // The case that ran is one of M.
      return ready(selection.run(choice) as Selected<M>);
    } catch (err) {
      return Promise.reject(err);
    }
  }
  const promise = selection.promise<Selected<M>>();
  // The context first, so that it is also woken first where it is a case as well.
  park(node, selection);
  selection.join();
  if (rt !== null) rt.park(selection, "select", cases);
  return promise;
}

/**
 * trySelect is select without waiting: undefined when no case is ready, as Go's default. A send on a closed channel
 * throws.
 */
export function trySelect<const M extends Cases>(cases: M): Selected<M> | undefined {
  const selection = newSelection();
  const choice = selection.gather(cases);
  // As in select.
  if (choice !== null) return selection.run(choice) as Selected<M>;
  selection.free();
  return undefined;
}
