import { type ClientHooks, sending, sent } from "./hooks.ts";

/**
 * bothHooks tells two of every request, traces and metrics, say; each as if it were alone. The second gets the context that
 * the first has given.
 */
export function bothHooks(first: ClientHooks, second: ClientHooks): ClientHooks {
  return {
    request(ctx, request) {
      const one = sending(first, ctx, () => request);
      const two = sending(second, one?.ctx ?? ctx, () => request);
      return {
        ctx: two?.ctx ?? one?.ctx ?? ctx,
        end(status, err) {
          sent(two, status, err);
          sent(one, status, err);
        },
      };
    },
  };
}
