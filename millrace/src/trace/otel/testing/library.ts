import { SpanKind, SpanStatusCode, context, propagation, trace } from "@opentelemetry/api";

// A library as others write them: it knows OpenTelemetry's API and nothing of Millrace.

/** lookUp makes a span, and below it another one, across awaits and a timer. */
export async function lookUp(key: string): Promise<Record<string, string>> {
  const tracer = trace.getTracer("library", "1.0");
  return await tracer.startActiveSpan("look up", { attributes: { key } }, async (span) => {
    await new Promise((resolve) => setTimeout(resolve, 1));
    const inner = tracer.startSpan("read", { kind: SpanKind.CLIENT, startTime: new Date() });
    inner.addEvent("hit", { n: 1 }, Date.now()).setStatus({ code: SpanStatusCode.OK });
    inner.end(Date.now() + 5);
    try {
      await context.with(trace.setSpan(context.active(), inner), () => Promise.reject(new RangeError("no")));
    } catch (err) {
      span.recordException(err as Error);
      span.setStatus({ code: SpanStatusCode.ERROR, message: "no" });
    }
    const headers: Record<string, string> = {};
    propagation.inject(context.active(), headers);
    span.end();
    return headers;
  });
}
