import { withValue } from "../context/index.ts";
import { type Middleware, middleware } from "../http/index.ts";
import { baggage, parseBaggage } from "../trace/baggage.ts";

/**
 * baggageContext puts what the header baggage says into the context, from where outgoing requests send it on. It is not
 * in standard: a stranger could have you carry 8 kB to every service that you call. Let it stand behind a proxy of yours.
 * Source: https://www.w3.org/TR/baggage/
 */
export function baggageContext(): Middleware {
  return middleware({}, (next) => (ctx, req) => {
    const header = req.header("baggage");
    return next(header === undefined ? ctx : withValue(ctx, baggage, parseBaggage(header)), req);
  });
}
