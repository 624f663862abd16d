import type { Ctx } from "../../context/index.ts";

/** ClientHooks is told what a client does, for metrics and traces. A hook must be quick; what it throws is dropped. */
export interface ClientHooks {
  /**
   * request is called before a request is sent: for each attempt, and for the second one of a hedge. It may give a context
   * for it, which the headers traceparent, tracestate and baggage are written from, and a function that hears its end.
   */
  request?(ctx: Ctx, request: SentRequest): Sending | undefined;
}

/** SentRequest is a request that is about to be sent. */
export interface SentRequest {
  readonly method: string;
  /** origin is the upstream, "https://api.example.com". */
  readonly origin: string;
  /** path is the path without the query, which is where secrets are. */
  readonly path: string;
}

/** Sending is what a hook has to do with one request. */
export interface Sending {
  readonly ctx?: Ctx;
  /** end is called with the status when the head of the answer has come, or with 0 and the error when there is none. */
  end?(status: number, err: unknown): void;
}

/** sending asks the hook; a broken metric must not break what it measures. @internal */
export function sending(hooks: ClientHooks | undefined, ctx: Ctx, request: () => SentRequest): Sending | undefined {
  if (hooks?.request === undefined) return undefined;
  try {
    return hooks.request(ctx, request());
  } catch {
    return undefined;
  }
}

/** sent tells the hook of the end. @internal */
export function sent(told: Sending | undefined, status: number, err: unknown): void {
  try {
    told?.end?.(status, err);
  } catch {}
}
