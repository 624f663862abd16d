import { type RouterContext, addRoute, compareRoutes, createRouter, findOverlappingRoutes } from "rou3";
import type { Handler, Middleware } from "./handler.ts";

/** Scope is a set of routes with common middleware and a common prefix. */
export class Scope {
  readonly prefix: string;
  readonly #parent: Scope | null;
  readonly #chain: Middleware[];
  // Set once a route has been added: middleware that came later would silently not have been around it.
  #sealed = false;

  constructor(parent: Scope | null, prefix: string, chain: readonly Middleware[]) {
    this.#parent = parent;
    this.prefix = (parent?.prefix ?? "") + prefix;
    this.#chain = [...chain];
  }

  use(chain: readonly Middleware[]): void {
    if (this.#sealed) throw new TypeError("http: router: use() must come before the routes that it is around");
    this.#chain.push(...chain);
  }

  seal(): void {
    this.#sealed = true;
    this.#parent?.seal();
  }

  /** chain is all middleware from the outermost scope to this one. */
  chain(): Middleware[] {
    return [...(this.#parent?.chain() ?? []), ...this.#chain];
  }
}

/** Route is one registered handler; its method "" stands for all. */
export interface Route {
  readonly method: string;
  readonly pattern: string;
  readonly handler: Handler;
  readonly scope: Scope;
}

/** RouteTable holds the routes of a router and of everything below it, and refuses those that cannot be told apart. */
export class RouteTable {
  readonly routes: Route[] = [];
  readonly #tree: RouterContext<Route> = createRouter<Route>();

  add(scope: Scope, method: string, path: string, handler: Handler): void {
    const pattern = patternOf(scope.prefix, path);
    const route = { method, pattern, handler, scope };
    for (const { data: other } of findOverlappingRoutes(this.#tree, method, pattern)) {
      if (other.method === method) refuse(route, other);
    }
    addRoute(this.#tree, method, pattern, route);
    this.routes.push(route);
    scope.seal();
  }
}

function patternOf(prefix: string, path: string): string {
  const pattern = prefix + path;
  if (pattern === "" || pattern === "/") return "/";
  if (!pattern.startsWith("/")) throw new TypeError(`http: router: the pattern ${pattern} must start with "/"`);
  return pattern.endsWith("/") ? pattern.slice(0, -1) : pattern;
}

// As Go's ServeMux: a path that two routes match must have one that is more specific. Whether two constraints or
// optional parts overlap cannot be decided from the text; there the matcher's own ranking holds.
function refuse(route: Route, other: Route): void {
  const name = `${route.method === "" ? "*" : route.method} ${route.pattern}`;
  const order = compareRoutes(route.pattern, other.pattern);
  if (order === "equal") throw new TypeError(`http: router: ${name} matches the same paths as ${other.pattern}`);
  if (order === "partial" && !/[({?]/.test(route.pattern + other.pattern)) {
    throw new TypeError(
      `http: router: ${name} is ambiguous with ${other.pattern}: some paths match both, neither is more specific`,
    );
  }
}
