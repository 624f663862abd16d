import type { Ctx } from "./ctx.ts";
import { CtxKey } from "./key.ts";
import { CtxNode, nodeOf } from "./node.ts";

/**
 * withValue derives a context in which a key has a value; it is done when its parent is, and needs no clean-up.
 * It is for what belongs to the request (its id, its user), not for optional parameters.
 */
export function withValue<T>(parent: Ctx, key: CtxKey<T>, value: NoInfer<T>): Ctx {
  if (!(key instanceof CtxKey)) throw new TypeError("context: withValue: the key must come from ctxKey");
  return new ValueCtx(nodeOf(parent), key, value);
}

class ValueCtx<V> extends CtxNode {
  readonly #key: CtxKey<V>;
  readonly #value: V;

  constructor(parent: CtxNode, key: CtxKey<V>, value: V) {
    super(parent.core, parent);
    this.#key = key;
    this.#value = value;
  }

  override get<T>(key: CtxKey<T>): T {
    // One identity means one T.
    return (key as unknown) === this.#key ? (this.#value as unknown as T) : super.get(key);
  }
}
