import type { InferRouteParams } from "rou3";
import { compileRoutes } from "./compile.ts";
import { withCtx } from "./ctx-from.ts";
import { type EndpointSpec, specOf } from "./endpoint-spec.ts";
import type { FetchHandler, Handler, Middleware } from "./handler.ts";
import type { PathParams } from "./req.ts";
import { RouteTable, Scope } from "./route-table.ts";

/** ParamsOf are the parameters of a pattern: "/users/:id" has an id for sure, and maybe those of a prefix. */
export type ParamsOf<P extends string> = string extends P ? PathParams : InferRouteParams<P> & PathParams;

/** RouteInfo is a line of a router's listing; the method of a route for every method is "*". */
export interface RouteInfo {
  readonly method: string;
  readonly pattern: string;
  /** endpoint is what the handler was made of, if endpoint made it. */
  readonly endpoint: EndpointSpec | undefined;
  /** middleware is what is around it, the outermost first, without the endpoint's own. */
  readonly middleware: readonly Middleware[];
}

/**
 * Router finds the handler of a request by its method and path. Patterns are written "/users/:id", "/files/**:rest",
 * "/users/:id(\\d+)"; the most specific one wins, whatever the order. One trailing slash in a path is ignored.
 *
 * HEAD is answered by the GET handler, OPTIONS by the router with Allow, a wrong method with 405 and Allow, an unknown
 * path with 404; the middleware of the scope runs for all of these. Two routes that cannot be told apart throw
 * when the second is added.
 *
 * Outer are the path parameters of the prefixes around it: a function that adds routes to a `Router<{ org: string }>`
 * is called in `route("/orgs/:org", …)`, and its handlers have `org`.
 */
export class Router<Outer = PathParams> {
  readonly #table: RouteTable;
  readonly #scope: Scope;

  constructor();
  /** @internal */
  constructor(table: RouteTable, scope: Scope);
  constructor(table: RouteTable = new RouteTable(), scope: Scope = new Scope(null, "", [])) {
    this.#table = table;
    this.#scope = scope;
  }

  get<P extends string>(pattern: P, handler: Handler<ParamsOf<P> & Outer>): this {
    return this.#add("GET", pattern, handler);
  }

  post<P extends string>(pattern: P, handler: Handler<ParamsOf<P> & Outer>): this {
    return this.#add("POST", pattern, handler);
  }

  put<P extends string>(pattern: P, handler: Handler<ParamsOf<P> & Outer>): this {
    return this.#add("PUT", pattern, handler);
  }

  patch<P extends string>(pattern: P, handler: Handler<ParamsOf<P> & Outer>): this {
    return this.#add("PATCH", pattern, handler);
  }

  delete<P extends string>(pattern: P, handler: Handler<ParamsOf<P> & Outer>): this {
    return this.#add("DELETE", pattern, handler);
  }

  /** handle takes every method that no other route of the same pattern takes. */
  handle<P extends string>(pattern: P, handler: Handler<ParamsOf<P> & Outer>): this {
    return this.#add("", pattern, handler);
  }

  /** use puts middleware around all routes of this router; it must come before they are added. */
  use(...chain: readonly Middleware[]): this {
    this.#scope.use(chain);
    return this;
  }

  /** with is this router with more middleware around the routes that are added to it. */
  with(...chain: readonly Middleware[]): Router<Outer> {
    return new Router(this.#table, new Scope(this.#scope, "", chain));
  }

  /** route adds routes under a prefix, in a scope of their own: its use() does not reach the others. */
  route<P extends string>(prefix: P, build: (router: Router<ParamsOf<P> & Outer>) => void): this {
    build(new Router(this.#table, new Scope(this.#scope, prefix, [])));
    return this;
  }

  /**
   * mount gives everything under a prefix to a fetch-style application. It sees the request as it was sent: the URL
   * keeps the prefix, so set the application's base path.
   */
  mount(prefix: string, app: FetchHandler): this {
    return this.#add("", `${prefix === "/" ? "" : prefix}/**`, (ctx, req) => app(withCtx(req.web, ctx)));
  }

  /** routes lists what was added, in that order. */
  routes(): RouteInfo[] {
    return this.#table.routes.map(({ method, pattern, handler, scope }) => ({
      method: method === "" ? "*" : method,
      pattern,
      endpoint: specOf(handler),
      middleware: scope.chain(),
    }));
  }

  /** handler compiles the routes that have been added so far into one handler; listen calls it. */
  handler(): Handler {
    return compileRoutes(this.#table.routes, this.#scope);
  }

  #add<Params>(method: string, pattern: string, handler: Handler<Params>): this {
    // The matcher gives a handler the parameters of its own pattern.
    this.#table.add(this.#scope, method, pattern, handler as Handler);
    return this;
  }
}
