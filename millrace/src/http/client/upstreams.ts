import { type CancelCtx, type Ctx, background, withCancel, withTimeout } from "../../context/index.ts";
import { tell } from "../../resilience/hooks.ts";
import type { CircuitBreaker, Limiter } from "../../resilience/index.ts";
import { SingleFlight, type Task, go } from "../../task/index.ts";
import { clientFailure } from "./failure.ts";
import { pick } from "./pick.ts";
import type { Resolver } from "./resolver.ts";
import { Upstream, type UpstreamOptions, keyOf } from "./upstream.ts";

// How old the list of upstreams may be; an older one serves while it is looked up anew.
const REFRESH_MS = 30_000;
// How long a look-up may take, and how soon one that failed is tried again.
const RESOLVE_MS = 5000;

/** Upstreams are the upstreams of a client, as its resolver gives them. */
export class Upstreams implements AsyncDisposable {
  readonly #resolver: Resolver;
  readonly #options: UpstreamOptions;
  readonly #first: SingleFlight<"first", void> = new SingleFlight();
  readonly #life: CancelCtx = withCancel(background);
  #all: readonly Upstream[] = [];
  readonly #retired: Set<Upstream> = new Set();
  #refreshAt = 0;
  #refresh: Task<void> | undefined = undefined;

  constructor(resolver: Resolver, options: UpstreamOptions) {
    this.#resolver = resolver;
    this.#options = options;
    const breakers = (): CircuitBreaker[] => this.#all.flatMap(({ breaker }) => breaker ?? []);
    const limiters = (): Limiter[] => this.#all.map(({ limiter }) => limiter);
    if (options.resilience !== undefined) tell(options.resilience, (hooks) => hooks.watch?.({ breakers, limiters }));
  }

  /** pick chooses the upstream of the next attempt. Throws "http/no_upstream" if there is none. */
  async pick(ctx: Ctx, tried: ReadonlySet<Upstream>): Promise<Upstream> {
    if (this.#life.err !== undefined) throw clientFailure("client_closed", "the client was closed");
    if (this.#all.length === 0) await this.#first.do(ctx, "first", (ctx) => this.#resolve(ctx));
    else if (performance.now() >= this.#refreshAt) this.#refreshLater();
    const upstream = pick(this.#all, tried);
    if (upstream === undefined) throw clientFailure("no_upstream", "the resolver gave no upstream");
    return upstream;
  }

  /** Ends all requests. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#life.cancel();
    await this.#refresh?.then(undefined, () => undefined);
    const all = [...this.#all, ...this.#retired];
    this.#all = [];
    await Promise.all(all.map((one) => one.close()));
  }

  #refreshLater(): void {
    this.#refreshAt = performance.now() + RESOLVE_MS;
    // One that fails leaves the list as it is; the next is soon.
    this.#refresh = go(this.#life, (ctx) => this.#resolve(ctx).catch(() => undefined), {
      name: "http client resolver",
    });
  }

  async #resolve(ctx: Ctx): Promise<void> {
    using limited = withTimeout(ctx, RESOLVE_MS);
    let targets;
    try {
      targets = await this.#resolver(limited);
    } catch (err) {
      throw ctx.err ?? clientFailure("no_upstream", "the resolver failed", err);
    }
    if (this.#life.err !== undefined || targets.length === 0) return;
    const known = new Map(this.#all.map((one) => [one.key, one]));
    this.#all = [...new Map(targets.map((target) => [keyOf(target), target]))].map(
      ([key, target]) => known.get(key) ?? new Upstream(target, this.#options),
    );
    this.#refreshAt = performance.now() + REFRESH_MS;
    for (const one of known.values()) if (!this.#all.includes(one)) this.#retire(one);
  }

  #retire(one: Upstream): void {
    this.#retired.add(one);
    // It settles when its requests have, or with the client.
    void one.retire().then(
      () => this.#retired.delete(one),
      () => undefined,
    );
  }
}
