import type { Ctx } from "../context/index.ts";
import type { Reply } from "./reply.ts";
import type { FinishHook, PathParams, Req } from "./req.ts";

/**
 * Handler answers a request. ctx ends when the client goes, when the deadline passes and when the exchange is over.
 * What it throws becomes an RFC 9457 problem: a Failure by its code, anything else a bare 500.
 */
export type Handler<Params = PathParams> = (ctx: Ctx, req: Req<Params>) => Reply | Response | Promise<Reply | Response>;

/** Traits are what a middleware says ahead of all requests. The router merges those of a route once. */
export interface Traits {
  /** headers are set on every answer; one that a handler sets itself wins. */
  readonly headers?: Readonly<Record<string, string>>;
  /** onFinish is called at the end of every exchange. */
  readonly onFinish?: FinishHook;
  /** deadlineMs ends a request with 504, counted from its start; the innermost of a route counts; 0 is none. */
  readonly deadlineMs?: number;
  /** bodyLimit is how many bytes of body are read at most; the innermost of a route counts. */
  readonly bodyLimit?: number;
  /** answers are what it answers itself, by status: why, and to which methods if not to all. For the API's document. */
  readonly answers?: Readonly<Record<number, string | { readonly methods: readonly string[]; readonly why: string }>>;
  /** security are the credentials that it asks for, each a scheme of OpenAPI by its name: for the API's document. */
  readonly security?: Readonly<Record<string, SecurityScheme>>;
}

/** SecurityScheme is an OpenAPI security scheme. Source: https://spec.openapis.org/oas/v3.1.1#security-scheme-object */
export type SecurityScheme =
  | { readonly type: "http"; readonly scheme: string; readonly bearerFormat?: string; readonly description?: string }
  | {
      readonly type: "apiKey";
      readonly in: "header" | "query" | "cookie";
      readonly name: string;
      readonly description?: string;
    }
  | { readonly type: "openIdConnect"; readonly openIdConnectUrl: string; readonly description?: string };

/**
 * Middleware makes a handler of a handler, once, when the routes are compiled. What can be said ahead of all requests
 * it says in its traits, which then cost a request nothing.
 */
export interface Middleware {
  (next: Handler): Handler;
  readonly traits?: Traits;
}

/** FetchHandler is any fetch-style application: Hono, better-auth, graphql-yoga. */
export type FetchHandler = (request: Request) => Response | Promise<Response>;
