import { type Ctx, type CtxKey, ctxKey, withValue } from "../context/index.ts";
import { Failure } from "../errors/index.ts";
import { label } from "./label.ts";
import type { Slots } from "./slots.ts";

/** Scope is a call tree that holds a connection; it hangs in the context that the tree is given. @internal */
export interface Scope {
  readonly slots: Slots;
  readonly holder: string;
  readonly up: Scope | undefined;
  /** open turns false when the connection goes back: what then still uses the context may acquire again. */
  open: boolean;
}

const scopeKey: CtxKey<Scope | undefined> = ctxKey<Scope>("sql.scope");

/** enterScope derives the context of a call tree that holds a connection. @internal */
export function enterScope(ctx: Ctx, slots: Slots, holder: string): [ctx: Ctx, scope: Scope] {
  const scope: Scope = { slots, holder, up: ctx.get(scopeKey), open: true };
  return [withValue(ctx, scopeKey, scope), scope];
}

/**
 * refuseNested throws when the call tree of ctx holds a connection of this pool already: to wait for a second one while
 * holding the first is a deadlock as soon as enough callers do so. @internal
 */
export function refuseNested(ctx: Ctx, slots: Slots, text: string): void {
  for (let scope = ctx.get(scopeKey); scope !== undefined; scope = scope.up) {
    if (scope.slots !== slots || !scope.open) continue;
    throw new Failure(
      `sql: ${label(text)}: this call is inside of "${scope.holder}", which holds a connection of the same pool: use that one`,
      { code: "failed_precondition", reason: "sql/nested_acquire" },
    );
  }
}
