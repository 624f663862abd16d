import { type Ctx, timeLeftMs } from "../../context/index.ts";
// Not through the folder's index: that would load the logger with every client.
import { logAttrs } from "../../log/attrs.ts";
import { baggage, formatBaggage } from "../../trace/baggage.ts";
import { traceparent, tracestate } from "../../trace/traceparent.ts";

/**
 * propagated are the headers by which an upstream knows what it is part of: the time that the caller has left
 * (x-server-timeout, seconds), its trace with its state and its baggage, and its request id.
 */
export function propagated(ctx: Ctx): Record<string, string> {
  const headers: Record<string, string> = {};
  const leftMs = timeLeftMs(ctx);
  // Down to the millisecond, so that no hop gets more than there is.
  if (leftMs !== Infinity) headers["x-server-timeout"] = String(Math.floor(leftMs) / 1000);
  const trace = ctx.get(traceparent);
  if (trace !== undefined) {
    headers["traceparent"] = trace;
    // Without a traceparent it means nothing.
    const state = ctx.get(tracestate);
    if (state !== undefined) headers["tracestate"] = state;
  }
  const carried = ctx.get(baggage);
  if (carried.size > 0) headers["baggage"] = formatBaggage(carried);
  const id = ctx.get(logAttrs)?.["request_id"];
  if (typeof id === "string") headers["x-request-id"] = id;
  return headers;
}
