import { type Context, type ContextManager, ROOT_CONTEXT, trace } from "@opentelemetry/api";
import { type Ctx, background } from "../../context/index.ts";
import { COMPUTED, CtxNode, nodeOf } from "../../context/node.ts";
import { currentStore, runAs } from "../../runtime/current.ts";
import { type Span, activeSpan } from "../index.ts";
import { NOWHERE, UnsampledSpan } from "../unsampled-span.ts";
import { OtelSpan } from "./otel-span.ts";

/** CurrentContexts are the API's contexts, found through the context that the running code belongs to. */
export class CurrentContexts implements ContextManager {
  // A span has one face, so that who compares it finds it again.
  readonly #faces: WeakMap<Span, OtelSpan> = new WeakMap();

  active(): Context {
    const ctx = current();
    if (ctx === undefined) return ROOT_CONTEXT;
    const own = ownOf(ctx) ?? ROOT_CONTEXT;
    const span = ctx.get(activeSpan);
    if (span === undefined || span.traceId === "") return own;
    const known = trace.getSpan(own);
    return known instanceof OtelSpan && known.span === span ? own : trace.setSpan(own, this.#faceOf(span));
  }

  with<A extends unknown[], F extends (...args: A) => ReturnType<F>>(
    context: Context,
    fn: F,
    thisArg?: ThisParameterType<F>,
    ...args: A
  ): ReturnType<F> {
    const node = new OtelNode(current() ?? background, context);
    return runAs(node, () => fn.apply(thisArg, args), undefined, undefined);
  }

  bind<T>(context: Context, target: T): T {
    if (typeof target !== "function") return target;
    const manager = this;
    const bound = function (this: unknown, ...args: unknown[]): unknown {
      return manager.with(context, () => Reflect.apply(target, this, args) as unknown);
    };
    // The same function, but for where it runs.
    return bound as T;
  }

  enable(): this {
    return this;
  }

  disable(): this {
    return this;
  }

  #faceOf(span: Span): OtelSpan {
    const known = this.#faces.get(span);
    if (known !== undefined) return known;
    const face = new OtelSpan(span);
    this.#faces.set(span, face);
    return face;
  }
}

function current(): Ctx | undefined {
  // Only contexts are ever stored.
  return currentStore() as Ctx | undefined;
}

// The nearest context of the API's on the way up.
function ownOf(ctx: Ctx): Context | undefined {
  for (let node: CtxNode | null = nodeOf(ctx); node !== null; node = node.up) {
    if (node instanceof OtelNode) return node.own;
  }
  return undefined;
}

/** OtelNode is the context of what runs with a context of the API's. */
class OtelNode extends CtxNode {
  readonly own: Context;
  readonly #span: Span;

  constructor(parent: Ctx, own: Context) {
    const up = nodeOf(parent);
    super(up.core, up);
    this.own = own;
    const span = trace.getSpan(own);
    // A context without a span hides the one around it.
    this.#span = span instanceof OtelSpan ? span.span : new UnsampledSpan(parent, NOWHERE);
  }

  static {
    Object.defineProperty(this.prototype, "key", { value: COMPUTED });
  }

  override computed(key: unknown): unknown {
    return key === activeSpan ? this.#span : undefined;
  }

  override label(): string {
    return "withOtel";
  }
}
