import {
  type Context,
  type TextMapGetter,
  type TextMapPropagator,
  type TextMapSetter,
  createTraceState,
  isSpanContextValid,
  trace,
} from "@opentelemetry/api";
import { RandomIds, traceOf, traceparentOf } from "../w3c.ts";
import { traceOfContext } from "./otel-span.ts";

/** W3cPropagator writes and reads traceparent and tracestate for libraries that do so through the API. */
export class W3cPropagator implements TextMapPropagator<unknown> {
  readonly #ids: RandomIds = new RandomIds();

  inject(context: Context, carrier: unknown, setter: TextMapSetter<unknown>): void {
    const span = trace.getSpanContext(context);
    if (span === undefined || !isSpanContextValid(span)) return;
    const told = traceOfContext(span);
    setter.set(carrier, "traceparent", traceparentOf(told));
    if (told.state !== "") setter.set(carrier, "tracestate", told.state);
  }

  extract(context: Context, carrier: unknown, getter: TextMapGetter<unknown>): Context {
    const header = getter.get(carrier, "traceparent");
    const state = getter.get(carrier, "tracestate");
    const told = traceOf(one(header), Array.isArray(state) ? state.join(",") : state, this.#ids);
    if (told.parentId === "") return context;
    return trace.setSpanContext(context, {
      traceId: told.traceId,
      spanId: told.parentId,
      traceFlags: Number(told.flags) & 1,
      isRemote: true,
      ...(told.state !== "" && { traceState: createTraceState(told.state) }),
    });
  }

  fields(): string[] {
    return ["traceparent", "tracestate"];
  }
}

function one(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header[0] : header;
}
