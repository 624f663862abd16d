import { type Ctx, afterDone, withTimeout } from "../../context/index.ts";
import { isRetryable } from "../../errors/index.ts";
import { Latencies, Refused, hedge, retry } from "../../resilience/index.ts";
import type { Output, StandardSchema } from "../../schema/index.ts";
import { isUnsent } from "./failure.ts";
import { httpFailureOf } from "./http-failure.ts";
import { BODY_OVER, type Incoming } from "./incoming.ts";
import { type ClientOptions, type Settings, settingsOf } from "./options.ts";
import { type FetchInit, type Outgoing, outgoingOf } from "./outgoing.ts";
import { ClientResponse } from "./response.ts";
import { ServerError, type Upstream } from "./upstream.ts";
import { Upstreams } from "./upstreams.ts";

/** CallInit is FetchInit for a call whose answer is read as JSON. */
export interface CallInit<S extends StandardSchema = StandardSchema> extends Omit<FetchInit, "method" | "json"> {
  /** schema checks the answer. Default: none, and the answer is unknown. */
  readonly schema?: S;
}

/** newClient makes a client; it opens no connection before the first request. */
export function newClient(options: ClientOptions): Client {
  return new Client(settingsOf(options));
}

/**
 * Client calls HTTP upstreams. Make one for each service that you call, and keep it: it holds the connections, the
 * breakers and the retry budget.
 *
 * A call ends with ctx, at the latest after timeoutMs. The upstream is told how long that is (X-Server-Timeout, in
 * seconds), the trace (traceparent) and the request's id (X-Request-Id). An idempotent request, one with an idempotency
 * key and one that surely was not sent are sent again after a failure that may pass; Retry-After is honoured.
 */
export class Client implements AsyncDisposable {
  readonly #settings: Settings;
  readonly #upstreams: Upstreams;
  readonly #latencies: Latencies = new Latencies();

  /** @internal use newClient */
  constructor(settings: Settings) {
    this.#settings = settings;
    this.#upstreams = new Upstreams(settings.resolver, settings.upstream);
  }

  /**
   * fetch sends a request and gives the answer when its head has come; read its body, or discard it. Redirects are
   * answers like any other. A status of 400 or more is thrown as an HttpFailure.
   */
  async fetch(ctx: Ctx, path: string, init: FetchInit = {}): Promise<ClientResponse> {
    const { prefix, headers, timeoutMs, maxBytes } = this.#settings;
    const out = outgoingOf(prefix, path, init, headers);
    const life = withTimeout(ctx, timeoutMs);
    try {
      const incoming = await this.#insist(life, out);
      if (incoming.body.closed) life.cancel(BODY_OVER);
      else incoming.body.once("close", () => life.cancel(BODY_OVER));
      return new ClientResponse(incoming, maxBytes);
    } catch (err) {
      life.cancel();
      throw err;
    }
  }

  /** get reads a resource as JSON; undefined for an answer without a body. */
  get<S extends StandardSchema>(ctx: Ctx, path: string, init: CallInit<S> = {}): Promise<Output<S>> {
    return this.#call(ctx, path, init);
  }

  /** post sends a value as JSON and reads the answer as JSON. It is sent once, unless there is an idempotencyKey. */
  post<S extends StandardSchema>(ctx: Ctx, path: string, value: unknown, init: CallInit<S> = {}): Promise<Output<S>> {
    return this.#call(ctx, path, { ...init, method: "POST", json: value });
  }

  /** put sends a value as JSON and reads the answer as JSON. */
  put<S extends StandardSchema>(ctx: Ctx, path: string, value: unknown, init: CallInit<S> = {}): Promise<Output<S>> {
    return this.#call(ctx, path, { ...init, method: "PUT", json: value });
  }

  /** patch sends a value as JSON and reads the answer as JSON. It is sent once, unless there is an idempotencyKey. */
  patch<S extends StandardSchema>(ctx: Ctx, path: string, value: unknown, init: CallInit<S> = {}): Promise<Output<S>> {
    return this.#call(ctx, path, { ...init, method: "PATCH", json: value });
  }

  /** delete deletes a resource and reads the answer as JSON, if there is one. */
  delete<S extends StandardSchema>(ctx: Ctx, path: string, init: CallInit<S> = {}): Promise<Output<S>> {
    return this.#call(ctx, path, { ...init, method: "DELETE" });
  }

  /**
   * forward sends a request for a proxy: whatever the status, it is an answer, and only what surely was not sent is sent
   * again. life ends the request, and its body. @internal
   */
  forward(life: Ctx, out: Outgoing): Promise<Incoming> {
    const { prefix, retry: options } = this.#settings;
    const request = { ...out, path: prefix + out.path };
    const tried = new Set<Upstream>();
    const attempts = out.replayable ? {} : { attempts: 1 };
    return retry(life, { ...options, ...attempts, retryable: isUnsent }, async (ctx) => {
      try {
        return await this.#send(ctx, life, request, tried);
      } catch (err) {
        if (err instanceof ServerError) return err.incoming;
        throw err;
      }
    });
  }

  /** Ends all calls and closes all connections. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.#upstreams[Symbol.asyncDispose]();
  }

  async #call<S extends StandardSchema>(ctx: Ctx, path: string, init: CallInit<S> & FetchInit): Promise<Output<S>> {
    await using response = await this.fetch(ctx, path, {
      ...init,
      headers: { accept: "application/json", ...init.headers },
    });
    return await response.json(init.schema);
  }

  // Sends a request until there is an answer below 400, or enough has been tried.
  #insist(life: Ctx, out: Outgoing): Promise<Incoming> {
    const { retry: options, hedge: hedging } = this.#settings;
    const tried = new Set<Upstream>();
    const attempts = out.replayable ? {} : { attempts: 1 };
    const retryable = (err: unknown): boolean => isUnsent(err) || (out.safe && passes(err));
    return retry(life, { ...options, ...attempts, retryable }, (ctx) => {
      const delayMs = out.safe && out.replayable ? this.#hedgeDelay() : undefined;
      if (delayMs === undefined) return this.#attempt(ctx, life, out, tried);
      const max = hedging?.max ?? 2;
      const discard = (incoming: Incoming): void => void incoming.discard();
      return hedge(ctx, { delayMs, max, discard, budget: options.budget, hooks: options.hooks }, (ctx) => {
        return this.#attempt(ctx, life, out, tried);
      });
    });
  }

  #hedgeDelay(): number | undefined {
    const { hedge: hedging } = this.#settings;
    if (hedging === undefined) return undefined;
    return "delayMs" in hedging ? hedging.delayMs : this.#latencies.percentile(hedging.percentile);
  }

  async #attempt(ctx: Ctx, life: Ctx, out: Outgoing, tried: Set<Upstream>): Promise<Incoming> {
    const startedAt = performance.now();
    try {
      const incoming = await this.#send(ctx, life, out, tried);
      this.#latencies.record(performance.now() - startedAt);
      if (incoming.status >= 400) return await refuse(ctx, out, incoming);
      return incoming;
    } catch (err) {
      if (err instanceof ServerError) return await refuse(ctx, out, err.incoming);
      // Who loses a hedge has taken longer than this; without that only the quick ones would be remembered.
      if (ctx.err !== undefined && life.err === undefined) this.#latencies.record(performance.now() - startedAt);
      throw err;
    }
  }

  async #send(ctx: Ctx, life: Ctx, out: Outgoing, tried: Set<Upstream>): Promise<Incoming> {
    await this.#settings.limit?.wait(ctx);
    const upstream = await this.#upstreams.pick(ctx, tried);
    tried.add(upstream);
    return await upstream.send(ctx, life, out);
  }
}

// The body of an error belongs to its attempt.
async function refuse(ctx: Ctx, { method, path }: Outgoing, incoming: Incoming): Promise<never> {
  using _ = afterDone(ctx, () => incoming.body.destroy());
  throw await httpFailureOf(`${method} ${path.split("?", 1)[0]}`, incoming);
}

// An open breaker says that asking again is what must not be done.
function passes(err: unknown): boolean {
  return isRetryable(err) && !(err instanceof Refused);
}
