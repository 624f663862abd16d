import type { Ctx } from "../context/index.ts";

/** Needs are components by the names under which their values are given. */
export type Needs = Readonly<Record<string, Component<unknown>>>;

/** Values are what components have started as. */
export type Values<N extends Needs> = {
  readonly [Name in keyof N]: N[Name] extends Component<infer T> ? T : never;
};

/** ComponentSpec says how a part of a service lives. Put `start` before what uses its value, for the types' sake. */
export interface ComponentSpec<T, N extends Needs> {
  /** needs are the components that it is given; they start before it and stop after it. Default: none. */
  readonly needs?: N;
  /** start makes the value. Its context ends with the component's budget, and when another one fails or a signal comes. */
  readonly start: (ctx: Ctx, values: Values<N>) => T | PromiseLike<T>;
  /** drain takes nothing new, ends what there is, and cuts off the rest when ctx ends: `(ctx, s) => s.shutdown(ctx)`. */
  readonly drain?: (ctx: Ctx, value: T) => PromiseLike<unknown>;
  /** stop closes it. Default: its Symbol.asyncDispose or Symbol.dispose, if it has one. */
  readonly stop?: (ctx: Ctx, value: T) => unknown;
  /** health resolves if it works: a check for newHealth, by App.checks. */
  readonly health?: (ctx: Ctx, value: T) => PromiseLike<unknown>;
  /** startMs is how long it may take to start. Default: the app's startMs. */
  readonly startMs?: number;
}

// Who needs nothing is given an object with nothing in it.
// oxlint-disable-next-line typescript/no-generated-empty-object-type
type None = Record<never, never>;

/**
 * component describes a part of a service, by what it needs and how it starts. Nothing happens before App.start.
 *
 * A component is a constant, and needs other constants: what is not there or of another type does not compile, and what
 * a component is given needs no type written down.
 */
export function component<T, const N extends Needs = None>(name: string, spec: ComponentSpec<T, N>): Component<T> {
  // Who starts it gives it the values of these needs and its own, so their types may be forgotten here.
  return new Component<T>(name, spec as unknown as AnySpec);
}

/** @internal AnySpec is a spec whose types have been checked. */
export type AnySpec = ComponentSpec<unknown, Needs>;

/** Component is made by component, and started by App.start. */
export class Component<T> {
  readonly name: string;
  /** @internal */
  readonly spec: AnySpec;
  /** @internal for the types alone: what it starts as. */
  declare readonly "~value"?: T;

  /** @internal use component */
  constructor(name: string, spec: AnySpec) {
    this.name = name;
    this.spec = spec;
  }
}
