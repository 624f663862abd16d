import type { Input, Output, StandardSchema } from "../schema/index.ts";
import type { BodyOutput, EndpointBody } from "./endpoint-body.ts";
import type { Handler, Middleware } from "./handler.ts";
import type { Provider } from "./provide.ts";
import type { PathParams, Req } from "./req.ts";

/**
 * EndpointAnswer says what an endpoint answers with a status: a schema of its JSON, or for an answer without one (204)
 * and for a problem the reason, in words.
 */
export type EndpointAnswer = string | StandardSchema | DescribedAnswer;

/** DescribedAnswer says more of an answer; of body, events and type it has one at most. */
export interface DescribedAnswer {
  readonly description: string;
  /** body is the schema of the JSON. */
  readonly body?: StandardSchema;
  /** events says that it is an event stream (`sse`), with the schema of the JSON that each event's data is. */
  readonly events?: StandardSchema;
  /** type is the media type of an answer that is neither: "text/csv", "application/pdf". */
  readonly type?: string;
  /** headers are headers of the answer, each with what it says. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** EndpointSpec says what an endpoint reads, each part by a Standard Schema, and what it answers. */
export interface EndpointSpec {
  /** params are the pattern's parameters, as text. */
  readonly params?: StandardSchema;
  /**
   * query is the query string: a text, or a list of texts for a key that stands several times, or that the schema wants as
   * a list; the latter if its library implements Standard JSON Schema (zod, arktype).
   */
  readonly query?: StandardSchema;
  /** headers are the request headers, names in lower case. */
  readonly headers?: StandardSchema;
  /** body is the body: a schema of JSON, a form or a multipart body; `form` and `multipart` make those. */
  readonly body?: StandardSchema | EndpointBody<unknown>;
  /** use is middleware around this endpoint alone; what a Provider among it provides is in the handler's input. */
  readonly use?: readonly Middleware[];
  /**
   * responses are the answers by status; the problems of invalid input, of the middleware and of the server itself need
   * not be listed. While NODE_ENV is "development" or "test" an answer that is not as listed here becomes a 500 with the
   * difference in the log; at any other time nothing is checked.
   */
  readonly responses?: Readonly<Record<number, EndpointAnswer>>;
  /** summary is a line for the list of operations. */
  readonly summary?: string;
  /** description says more, in CommonMark. */
  readonly description?: string;
  readonly tags?: readonly string[];
  readonly deprecated?: boolean;
  /** operationId names the operation for generated clients. Default: made of method and path. */
  readonly operationId?: string;
}

/** EndpointInput is what the schemas have made of the request, what middleware has provided, and the request itself. */
export type EndpointInput<S extends EndpointSpec, Params = PathParams> = {
  readonly req: Req<Params>;
  readonly params: S extends { readonly params: StandardSchema } ? Output<S["params"]> : Params;
} & {
  readonly [K in "query" | "headers" as S[K] extends StandardSchema ? K : never]: Output<S[K]>;
} & {
  readonly [K in "body" as S[K] extends StandardSchema | EndpointBody<unknown> ? K : never]: BodyOutput<S[K]>;
} & (S extends { readonly use: readonly Middleware[] } ? Provided<S["use"][number]> : unknown);

/** EndpointParams are the path parameters that an endpoint needs: what its schema accepts, else what the pattern has. */
export type EndpointParams<S extends EndpointSpec, Params> = S extends { readonly params: StandardSchema }
  ? Input<S["params"]>
  : Params;

type Provided<M> = {
  readonly [P in Extract<M, Provider<string, unknown>> as P["provides"]["name"]]: ReturnType<P["provides"]["get"]>;
};

const SPEC = Symbol("spec");

/** withSpec makes a handler known as an endpoint. */
export function withSpec<H>(handler: H, spec: EndpointSpec): H {
  return Object.assign(handler as H & object, { [SPEC]: spec });
}

/** specOf is the specification of a handler that endpoint made. */
export function specOf(handler: Handler): EndpointSpec | undefined {
  // Only withSpec puts a SPEC on a function.
  return (handler as { readonly [SPEC]?: EndpointSpec })[SPEC];
}
