import { Alarm, type Sleeping } from "../runtime/alarm.ts";
import type { RecvCase } from "../runtime/arm.ts";
import { rt } from "../runtime/hook.ts";
import type { Closed } from "../runtime/sentinel.ts";
import { type Waiter, type WaiterHost, link, wakeAll } from "../runtime/waiter.ts";
import type { CancelCtx, Ctx } from "./ctx.ts";
import { DoneArm } from "./done.ts";
import { Canceled, DeadlineExceeded, withoutStack } from "./err.ts";
import { CtxKey } from "./key.ts";

/** COMPUTED is the key of a node that does not hold values, but makes them when they are asked for. */
export const COMPUTED: unique symbol = Symbol("computed");

/**
 * CtxNode is what every Ctx is. Values are looked up along `up`; cancelling is a matter of `core`, the nearest
 * ancestor that can be canceled (itself, for a CancelNode). A node that only holds a value is linked nowhere and so
 * costs nothing when it is dropped.
 */
export class CtxNode implements Ctx {
  readonly core: CancelNode;
  readonly up: CtxNode | null;
  /** key is what a ValueNode holds a value for; on the others it is nobody's key, on the prototype, at no cost. */
  declare readonly key: unknown;

  static {
    Object.defineProperty(this.prototype, "key", { value: Symbol("no key"), writable: true });
    // What console.log and a logger print: the values may be secrets.
    Object.defineProperty(this.prototype, Symbol.for("nodejs.util.inspect.custom"), {
      value(this: CtxNode): string {
        return this.toString();
      },
    });
  }

  constructor(core: CancelNode | null, up: CtxNode | null) {
    // Only CancelNode passes null, and it is its own core.
    this.core = core ?? (this as unknown as CancelNode);
    this.up = up;
  }

  get err(): Canceled | DeadlineExceeded | undefined {
    return this.core.ended?.error();
  }

  get cause(): unknown {
    const origin = this.core.ended;
    if (rt !== null && origin !== null) rt.after(origin, null);
    return origin === null ? undefined : (origin.reason ?? origin.error());
  }

  get deadline(): number | undefined {
    const at = this.core.deadlineAt;
    return at === Infinity ? undefined : at;
  }

  get done(): RecvCase<Closed> {
    return this.core.doneCase();
  }

  get signal(): AbortSignal {
    return this.core.abortSignal();
  }

  get<T>(key: CtxKey<T>): T {
    // A loop and no recursion: a chain of contexts may be of any length.
    for (let node: CtxNode | null = this; node !== null; node = node.up) {
      // One identity of the key means one T, and only a ValueNode has a key.
      if (node.key === key) return (node as ValueNode).value as T;
      if (node.key !== COMPUTED) continue;
      const value = node.computed(key);
      // As above, of the node that computes it.
      if (value !== undefined) return value as T;
    }
    return key.fallback;
  }

  /** computed is the value for a key of a node whose own key is COMPUTED; undefined leaves it to the nodes above. */
  computed(_key: unknown): unknown {
    return undefined;
  }

  /** toString is how the context came about, as "background.withCancel.withValue(user)"; no value is shown. */
  toString(): string {
    const names: string[] = [];
    for (let node: CtxNode | null = this; node !== null; node = node.up) names.push(node.label());
    return names.toReversed().join(".");
  }

  /** label is the node's own part of toString. */
  label(): string {
    return "withoutCancel";
  }

  throwIfDone(): void {
    const origin = this.core.ended;
    if (origin !== null) throw origin.error();
  }
}

/** ValueNode is a context that holds one value. */
export class ValueNode extends CtxNode {
  override readonly key: unknown;
  readonly value: unknown;

  constructor(parent: CtxNode, key: unknown, value: unknown) {
    super(parent.core, parent);
    this.key = key;
    this.value = value;
  }

  override label(): string {
    return `withValue(${this.key instanceof CtxKey ? this.key.name : "?"})`;
  }
}

/** RootNode is a context that everything is derived from. */
export class RootNode extends CtxNode {
  readonly #name: string;

  constructor(name: string) {
    super(NEVER, null);
    this.#name = name;
  }

  override label(): string {
    return this.#name;
  }
}

/** nodeOf is the node behind a Ctx; a value that is no Ctx of Millrace's is a programming error. */
export function nodeOf(ctx: Ctx): CtxNode {
  if (ctx instanceof CtxNode) return ctx;
  throw new TypeError("context: the first parameter must be a Ctx");
}

/** CancelNode is a context that can end: by cancel, by its deadline, or with its parent. */
export class CancelNode extends CtxNode implements CancelCtx, WaiterHost {
  /** ended is the node whose end ended this one, null while live; it holds the one error that all of them share. */
  ended: CancelNode | null = null;
  /** reason is what was given to cancel, on the node where the end began. */
  reason: unknown = undefined;
  deadlineAt: number = Infinity;
  firstWaiter: Waiter | null = null;
  lastWaiter: Waiter | null = null;

  #timedOut = false;
  #error: Canceled | DeadlineExceeded | undefined = undefined;
  #controller: AbortController | undefined = undefined;
  #alarm: Alarm | null = null;
  #done: DoneArm | null = null;
  // The node lives in its parent's list of children while it is live and its parent can end.
  #parent: CancelNode | null = null;
  #before: CancelNode | null = null;
  #after: CancelNode | null = null;
  #firstChild: CancelNode | null = null;
  #lastChild: CancelNode | null = null;

  constructor(up: CtxNode | null) {
    super(null, up);
  }

  /** attach makes the node end with its parent; a parent that is done ends it at once. */
  attach(parent: CancelNode): void {
    if (parent === NEVER) return;
    this.deadlineAt = parent.deadlineAt;
    if (parent.ended !== null) {
      this.ended = parent.ended;
      return;
    }
    this.#parent = parent;
    const last = parent.#lastChild;
    this.#before = last;
    if (last === null) parent.#firstChild = this;
    else last.#after = this;
    parent.#lastChild = this;
  }

  /** expireAt sets a deadline, Unix milliseconds, and what becomes the cause; a later one than the parent's is no change. */
  expireAt(at: number, cause: unknown): void {
    this.expireIn(at - Date.now(), at, cause);
  }

  /** expireIn is expireAt, by one who knows how long that is from now. */
  expireIn(ms: number, at: number, cause: unknown): void {
    if (this.ended !== null || at >= this.deadlineAt) return;
    this.deadlineAt = at;
    this.#alarm?.clear();
    if (ms > 0) this.#alarm = new Alarm(ms, new Deadline(this, cause));
    else this.expire(cause);
  }

  cancel(cause?: unknown): void {
    if (this.ended === null) this.#end(cause);
  }

  /** expire ends the node as its deadline does. */
  expire(cause?: unknown): void {
    if (this.ended !== null) return;
    this.#timedOut = true;
    this.#end(cause);
  }

  [Symbol.dispose](): void {
    this.cancel();
  }

  /** error is the one error of an end that began here. */
  error(): Canceled | DeadlineExceeded {
    if (rt !== null) rt.after(this, null);
    return (this.#error ??= withoutStack(() =>
      this.#timedOut ? new DeadlineExceeded(this.reason) : new Canceled(this.reason),
    ));
  }

  doneCase(): DoneArm {
    return (this.#done ??= new DoneArm(this));
  }

  override label(): string {
    if (this.deadlineAt === (this.up?.core.deadlineAt ?? Infinity)) return "withCancel";
    return `withDeadline(${Math.max(0, this.deadlineAt - Date.now())} ms left)`;
  }

  abortSignal(): AbortSignal {
    if (rt !== null && this.ended !== null) rt.after(this.ended, null);
    let controller = this.#controller;
    if (controller === undefined) {
      controller = this.#controller = new AbortController();
      if (this.ended !== null) controller.abort(this.ended.error());
    }
    return controller.signal;
  }

  // First the whole tree is marked, then its waiters are woken, so that whoever wakes sees everything done. The tree is
  // walked without recursion, through #after, which a node that has ended needs for nothing else.
  #end(reason: unknown): void {
    if (rt !== null) rt.before(this);
    this.reason = reason;
    this.#detach();
    let last: CancelNode = this;
    for (let node: CancelNode | null = this; node !== null; node = node.#after) {
      node.ended = this;
      if (node.#alarm !== null) {
        node.#alarm.clear();
        node.#alarm = null;
      }
      node.#parent = node.#before = null;
      if (node.#firstChild === null) continue;
      last.#after = node.#firstChild;
      // A list with a first child has a last one.
      last = node.#lastChild!;
      node.#firstChild = node.#lastChild = null;
    }
    for (let node: CancelNode | null = this; node !== null;) {
      const next: CancelNode | null = node.#after;
      node.#after = null;
      wakeAll(node);
      node.#controller?.abort(this.error());
      node = next;
    }
  }

  #detach(): void {
    const parent = this.#parent;
    if (parent === null) return;
    const before = this.#before;
    const after = this.#after;
    if (before === null) parent.#firstChild = after;
    else before.#after = after;
    if (after === null) parent.#lastChild = before;
    else after.#before = before;
    this.#parent = this.#before = this.#after = null;
  }
}

// The time that has passed is the alarm's, which no change of the wall clock moves.
class Deadline implements Sleeping {
  readonly #node: CancelNode;
  readonly #until: number;
  readonly #cause: unknown;

  constructor(node: CancelNode, cause: unknown) {
    this.#node = node;
    this.#until = node.deadlineAt;
    this.#cause = cause;
  }

  ring(): void {
    // The deadline may have been put off since.
    if (this.#node.deadlineAt === this.#until) this.#node.expire(this.#cause);
  }
}

/** NEVER is the core of all contexts that cannot end; nothing is ever linked to it. */
export const NEVER: CancelNode = new CancelNode(null);

/** park links a waiter to the context that may end it; the caller has checked that the context is live. */
export function park(ctx: CtxNode, waiter: Waiter): void {
  if (ctx.core !== NEVER) link(ctx.core, waiter);
}
