import type { Ctx } from "./ctx.ts";
import { CtxKey } from "./key.ts";
import { ValueNode, nodeOf } from "./node.ts";

/**
 * withValue derives a context in which a key has a value; it is done when its parent is, and needs no clean-up.
 * It is for what belongs to the request (its id, its user), not for optional parameters.
 */
export function withValue<T>(parent: Ctx, key: CtxKey<T>, value: NoInfer<T>): Ctx {
  if (!(key instanceof CtxKey)) throw new TypeError("context: withValue: the key must come from ctxKey");
  return new ValueNode(nodeOf(parent), key, value);
}
