import type { Handler } from "../../handler.ts";
import { serve } from "../../node/testing/setup.ts";

/** TestUpstream is a server on a real socket that counts what it is asked. */
export interface TestUpstream extends AsyncDisposable {
  readonly url: string;
  /** asked is how many requests have come. */
  asked: number;
}

/** upstream opens a server for a test. */
export async function upstream(handler: Handler): Promise<TestUpstream> {
  const up = await serve((ctx, req) => {
    counted.asked++;
    return handler(ctx, req);
  });
  const counted = { url: up.server.url, asked: 0, [Symbol.asyncDispose]: () => up[Symbol.asyncDispose]() };
  return counted;
}

/** until waits until something is so, up to 5 s. */
export async function until(what: () => boolean): Promise<void> {
  const late = performance.now() + 5000;
  while (!what()) {
    if (performance.now() > late) throw new Error(`not in time: ${String(what)}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}
