import type { Ctx } from "../context/index.ts";
import { CtxNode } from "../context/node.ts";
import { requestKey } from "../http/request-key.ts";
import type { Req } from "../http/req.ts";
import { TaskNode } from "../task/task-node.ts";

/** Who is the request and the task that a context belongs to. */
export interface Who {
  /** ctx is for the line of the log: it adds the ids of the request and of its trace. */
  readonly ctx: Ctx;
  readonly request: Req | undefined;
  /** task is the innermost one; not one that a server runs in. */
  readonly task: string | undefined;
}

/** whoIs finds out what a context belongs to. */
export function whoIs(store: object | undefined): Who | undefined {
  if (!(store instanceof CtxNode)) return undefined;
  const request = store.get(requestKey);
  for (let node: CtxNode | null = store; node !== null && node !== (request as unknown); node = node.up) {
    if (node instanceof TaskNode) return { ctx: store, request, task: node.name };
  }
  return request === undefined ? undefined : { ctx: store, request, task: undefined };
}
