import { type Ctx, background } from "../../../context/index.ts";
import type { Handler } from "../../handler.ts";
import type { Router } from "../../router.ts";
import type { Limits } from "../limits.ts";
import { listen } from "../listen.ts";
import type { Server } from "../server.ts";

/** Logged is a line of the server's log. */
export interface Logged {
  readonly message: string;
  readonly attrs: Readonly<Record<string, unknown>>;
}

/** serve opens a server of its own for a test; what it logs is collected. */
export async function serve(
  handler: Router | Handler,
  limits: Partial<Limits> = {},
): Promise<{ server: Server; logged: Logged[] } & AsyncDisposable> {
  const logged: Logged[] = [];
  const log = {
    error: (_ctx: Ctx, message: string, attrs: Readonly<Record<string, unknown>> = {}) =>
      void logged.push({ message, attrs }),
  };
  const server = await listen(background, { addr: "127.0.0.1:0", handler, log, idleGraceMs: 50, ...limits });
  return { server, logged, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

/** signal is a promise that a test resolves by hand. */
export function signal<T = void>(): { readonly promise: Promise<T>; readonly fire: (value: T) => void } {
  const { promise, resolve } = Promise.withResolvers<T>();
  return { promise, fire: resolve };
}

/** within rejects when a promise takes longer than it may. */
export async function within<T>(ms: number, promise: Promise<T>): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`not within ${ms} ms`)), ms);
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
