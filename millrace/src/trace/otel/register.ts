import { context, propagation, trace } from "@opentelemetry/api";
import { Failure } from "../../errors/index.ts";
import { enableCurrent } from "../../task/index.ts";
import type { Tracer } from "../index.ts";
import { CurrentContexts } from "./context-manager.ts";
import { OtelTracer } from "./otel-tracer.ts";
import { W3cPropagator } from "./propagator.ts";

/**
 * registerOtel makes a tracer the provider behind `@opentelemetry/api`: the spans that libraries make through it join the
 * trace of the request or task that they run in, and go to the same exporter. It switches `current()` on, by which their
 * place is found; no module is patched. Disposing takes it back. Throws failed_precondition if somebody else, such as
 * OpenTelemetry's SDK, has registered before.
 */
export function registerOtel(tracer: Tracer): Disposable {
  if (!enableCurrent()) throw refused("there is no AsyncLocalStorage");
  const provider = { getTracer: (name: string) => new OtelTracer(tracer, name) };
  if (!trace.setGlobalTracerProvider(provider)) throw refused("there is another provider");
  if (!context.setGlobalContextManager(new CurrentContexts())) {
    trace.disable();
    throw refused("there is another context manager");
  }
  // Another one may stay: it writes the same headers.
  const writes = propagation.setGlobalPropagator(new W3cPropagator());
  return {
    [Symbol.dispose]() {
      trace.disable();
      context.disable();
      if (writes) propagation.disable();
    },
  };
}

function refused(why: string): Failure {
  return new Failure(`trace: otel: register: ${why}`, {
    code: "failed_precondition",
    reason: "trace/otel_registered",
  });
}
