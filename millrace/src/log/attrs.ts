import { type CtxKey, type Ctx, ctxKey, withValue } from "../context/index.ts";

/** Attrs are the named values of a line. Any value will do; what JSON cannot hold is written as text. */
export type Attrs = Readonly<Record<string, unknown>>;

/** logAttrs is the key under which a context carries the attributes of every line that is logged with it. */
export const logAttrs: CtxKey<Attrs | undefined> = ctxKey<Attrs>("millrace/log.attrs");

/** withLogAttrs derives a context whose lines also carry these attributes; they win over the parent's of that name. */
export function withLogAttrs(ctx: Ctx, attrs: Attrs): Ctx {
  return withValue(ctx, logAttrs, { ...ctx.get(logAttrs), ...attrs });
}
