import { once } from "node:events";
import { type IncomingMessage, type ServerResponse, createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { createGunzip } from "node:zlib";

/** SentSpan is what a test asks of a span. */
export interface SentSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
}

/** Collector takes spans by OTLP over HTTP, as JSON. */
export interface Collector extends AsyncDisposable {
  /** url is what OTEL_EXPORTER_OTLP_ENDPOINT gets. */
  readonly url: string;
  readonly spans: readonly SentSpan[];
  /** bodies are the requests as they came. */
  readonly bodies: readonly string[];
}

interface Export {
  readonly resourceSpans: readonly { readonly scopeSpans: readonly { readonly spans: readonly SentSpan[] }[] }[];
}

/** newCollector opens one on 127.0.0.1. */
export async function newCollector(): Promise<Collector> {
  const spans: SentSpan[] = [];
  const bodies: string[] = [];
  const take = async (req: IncomingMessage, res: ServerResponse): Promise<void> => {
    const body = await text(req.headers["content-encoding"] === "gzip" ? req.pipe(createGunzip()) : req);
    bodies.push(body);
    // The exporter's shape, which otlp.test.ts holds against the specification.
    const { resourceSpans } = JSON.parse(body) as Export;
    for (const { scopeSpans } of resourceSpans) spans.push(...scopeSpans.flatMap((scope) => scope.spans));
    res.writeHead(200, { "content-type": "application/json" }).end("{}");
  };
  const server = createServer((req, res) => void take(req, res)).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans,
    bodies,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
