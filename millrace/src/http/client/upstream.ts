import { isIP } from "node:net";
import type { Ctx } from "../../context/index.ts";
import { type Code, Failure, codeFromHttp, codeOf } from "../../errors/index.ts";
import { Breaker, type CircuitBreaker, Limiter, type ResilienceHooks } from "../../resilience/index.ts";
import { type ClientHooks, sending, sent } from "./hooks.ts";
import type { Incoming } from "./incoming.ts";
import type { ClientOptions } from "./options.ts";
import type { Outgoing } from "./outgoing.ts";
import { Penalty } from "./penalty.ts";
import type { Candidate } from "./pick.ts";
import { propagated } from "./propagate.ts";
import type { Target } from "./resolver.ts";
import { Transport, type TransportOptions } from "./transport.ts";

/** UpstreamOptions are what all upstreams of a client have in common. */
export interface UpstreamOptions extends TransportOptions {
  readonly maxWaiting: number;
  readonly breaker: NonNullable<ClientOptions["breaker"]>;
  readonly hooks?: ClientHooks | undefined;
  readonly resilience?: ResilienceHooks | undefined;
}

/** ServerError is an answer that speaks against the upstream; whoever catches it has to see to its body. */
export class ServerError extends Failure {
  readonly incoming: Incoming;

  constructor(incoming: Incoming) {
    super(`http: client: status ${incoming.status}`, { code: codeFromHttp(incoming.status) });
    this.incoming = incoming;
  }
}

// What of our own failures counts against an upstream.
const AGAINST: ReadonlySet<Code> = new Set(["unavailable", "deadline_exceeded", "internal", "unknown"]);

/** Upstream is one address with its connections, its breaker and its queue. */
export class Upstream implements Candidate {
  readonly key: string;
  readonly #host: string;
  readonly #origin: string;
  readonly #transport: Transport;
  readonly limiter: Limiter;
  readonly breaker: CircuitBreaker | undefined;
  readonly #hooks: ClientHooks | undefined;
  readonly #penalty: Penalty = new Penalty();
  #inFlight = 0;

  constructor(target: Target, options: UpstreamOptions) {
    const { url, host } = typeof target === "string" ? { url: target, host: undefined } : target;
    const { origin, host: own } = new URL(url);
    this.key = keyOf(target);
    this.#host = host ?? own;
    this.#origin = origin;
    this.#hooks = options.hooks;
    this.#transport = new Transport(origin, nameOf(host), options);
    const name = `the connections to ${origin}`;
    const { maxConnections: concurrency, maxWaiting, resilience: hooks } = options;
    this.limiter = new Limiter({ name, concurrency, maxWaiting, hooks });
    this.breaker = breakerOf(options.breaker, { name: origin, hooks });
  }

  get ready(): boolean {
    return this.breaker?.ready ?? true;
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  get penalty(): number {
    return this.#penalty.value;
  }

  /**
   * send sends a request and gives the answer when its head has come; one with a status of 500 or more, or 429, is thrown
   * as a ServerError. ctx ends the request until then, and life until the end of the body.
   */
  async send(ctx: Ctx, life: Ctx, out: Outgoing): Promise<Incoming> {
    this.#inFlight++;
    try {
      const connection = await this.limiter.acquire(ctx);
      try {
        const incoming = await this.#judge(ctx, () => this.#exchange(ctx, life, out));
        return this.#tied(incoming, connection);
      } catch (err) {
        if (err instanceof ServerError) this.#tied(err.incoming, connection);
        else connection[Symbol.dispose]();
        throw err;
      }
    } catch (err) {
      if (!(err instanceof ServerError)) this.#inFlight--;
      throw err;
    }
  }

  close(): Promise<void> {
    return this.#transport.close();
  }

  retire(): Promise<void> {
    return this.#transport.retire();
  }

  // The place is free when the body has been read or destroyed.
  #tied(incoming: Incoming, connection: Disposable): Incoming {
    const free = (): void => {
      connection[Symbol.dispose]();
      this.#inFlight--;
    };
    if (incoming.body.closed) free();
    else incoming.body.once("close", free);
    return incoming;
  }

  async #judge(ctx: Ctx, call: () => Promise<Incoming>): Promise<Incoming> {
    try {
      return await (this.breaker === undefined ? call() : this.breaker.do(ctx, call));
    } catch (err) {
      if (AGAINST.has(codeOf(err))) this.#penalty.add();
      throw err;
    }
  }

  async #exchange(ctx: Ctx, life: Ctx, out: Outgoing): Promise<Incoming> {
    const { method, path } = out;
    const told = sending(this.#hooks, ctx, () => ({ method, origin: this.#origin, path: path.split("?", 1)[0] ?? "" }));
    const headers = { host: this.#host, ...out.headers, ...propagated(told?.ctx ?? ctx) };
    let incoming: Incoming;
    try {
      incoming = await this.#transport.send(ctx, life, out, headers);
    } catch (err) {
      sent(told, 0, err);
      throw err;
    }
    sent(told, incoming.status, undefined);
    if (isAgainst(incoming.status)) throw new ServerError(incoming);
    return incoming;
  }
}

function breakerOf(
  breaker: UpstreamOptions["breaker"],
  own: { readonly name: string; readonly hooks: ResilienceHooks | undefined },
): CircuitBreaker | undefined {
  if (breaker === false) return undefined;
  return typeof breaker === "function" ? breaker(own) : new Breaker({ ...own, ...breaker });
}

/** keyOf says whether two targets are the same. */
export function keyOf(target: Target): string {
  return typeof target === "string" ? new URL(target).origin : `${new URL(target.url).origin} ${target.host}`;
}

// 501 says that nobody can do this, not that this one cannot now; 429 is for a breaker that heeds it.
function isAgainst(status: number): boolean {
  return (status >= 500 && status !== 501) || status === 429;
}

// The name in a host that certificates are asked for; an address is none. Source: RFC 6066 section 3.
function nameOf(host: string | undefined): string | undefined {
  const name = host?.replace(/:\d+$/, "");
  return name === undefined || name.startsWith("[") || isIP(name) !== 0 ? undefined : name;
}
