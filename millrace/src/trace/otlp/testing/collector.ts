import { type Handler, type Reply, Router, json } from "../../../http/index.ts";
import { serve } from "../../../http/node/testing/setup.ts";
import { type Attribute, type SentSpan, readExport } from "./schema.ts";

/** Collector is a server that takes spans, and looks at every field of them. */
export interface Collector extends AsyncDisposable {
  readonly url: string;
  /** asked is how many requests have come, refused ones too. */
  readonly asked: number;
  readonly spans: readonly SentSpan[];
  /** resources are the attributes of each request's process. */
  readonly resources: readonly (readonly Attribute[])[];
  readonly problems: readonly string[];
  /** headers are those of the last request. */
  readonly headers: Readonly<Record<string, unknown>>;
}

/** collector opens one. answer may answer in its place: what it gives no answer to is taken. */
export async function collector(
  answer: (asked: number) => Reply | Promise<Reply> | undefined = () => undefined,
): Promise<Collector> {
  const seen = {
    asked: 0,
    spans: [] as SentSpan[],
    resources: [] as (readonly Attribute[])[],
    problems: [] as string[],
    headers: {},
  };
  const take: Handler = async (_ctx, req) => {
    const { asked } = Object.assign(seen, { asked: seen.asked + 1, headers: req.headers });
    const request = readExport(await req.json());
    const own = await answer(asked);
    if (own !== undefined) return own;
    if (typeof request === "string") seen.problems.push(request);
    else
      for (const { resource, scopeSpans } of request.resourceSpans) {
        seen.resources.push(resource.attributes);
        for (const { spans } of scopeSpans) seen.spans.push(...spans);
      }
    return json({});
  };
  const up = await serve(new Router().post("/v1/traces", take));
  return Object.assign(seen, {
    url: `${up.server.url}/v1/traces`,
    [Symbol.asyncDispose]: () => up[Symbol.asyncDispose](),
  });
}
