import { type MatchedRoute, addRoute, createRouter, findAllRoutes, findRoute } from "rou3";
import { compileRouter } from "rou3/compiler";
import { Exchange } from "./exchange.ts";
import { httpFailure } from "./failure.ts";
import type { Handler, Middleware } from "./handler.ts";
import { problem } from "./problem.ts";
import { type Reply, noContent } from "./reply.ts";
import type { Req } from "./req.ts";
import type { Route, Scope } from "./route-table.ts";
import { type Merged, mergeTraits, wrapAll } from "./traits.ts";

/** Plan is a route as it is run: everything that can be known ahead of a request is in it. */
interface Plan {
  readonly pattern: string;
  readonly traits: Merged;
  readonly handler: Handler;
}

/** compileRoutes makes one handler of routes; root is the scope whose middleware is around a 404. */
export function compileRoutes(routes: readonly Route[], root: Scope): Handler {
  const match = matcher(routes);
  const missed = missedRoutes(routes, root);
  return (ctx, req) => {
    const exchange = exchangeOf(req);
    const found = match(req.method, req.path);
    if (found === undefined) return missed(ctx, req);
    const plan = found.data;
    exchange.enter(plan.pattern, plan.traits, found.params);
    return plan.handler(ctx, req);
  };
}

function matcher(routes: readonly Route[]): (method: string, path: string) => MatchedRoute<Plan> | undefined {
  const tree = createRouter<Plan>();
  const heads = new Set(routes.filter((r) => r.method === "HEAD").map((r) => r.pattern));
  for (const { method, pattern, handler, scope } of routes) {
    const plan = planOf(pattern, scope.chain(), handler);
    addRoute(tree, method, pattern, plan);
    if (method === "GET" && !heads.has(pattern)) addRoute(tree, "HEAD", pattern, plan);
  }
  try {
    return compileRouter(tree);
  } catch (err) {
    if (!(err instanceof EvalError)) throw err;
    // Where code must not be made from text, the tree is walked for each request.
    return (method, path) => findRoute(tree, method, path);
  }
}

// What answers when no route has: slow, and off the path of every other request.
function missedRoutes(routes: readonly Route[], root: Scope): Handler {
  const tree = createRouter<{ readonly methods: Set<string>; readonly plan: Plan }>();
  const byPattern = new Map<string, Set<string>>();
  const allowed = (path: string): string => {
    const methods = findAllRoutes(tree, "", path).flatMap((found) => [...found.data.methods]);
    if (methods.includes("GET")) methods.push("HEAD");
    return [...new Set([...methods, "OPTIONS"])].toSorted().join(", ");
  };
  for (const { method, pattern, scope } of routes) {
    const known = byPattern.get(pattern);
    if (known !== undefined) known.add(method);
    else {
      const methods = new Set([method]);
      byPattern.set(pattern, methods);
      const handler: Handler = (_ctx, req) => answerMethod(req, allowed(req.path));
      addRoute(tree, "", pattern, { methods, plan: planOf(pattern, scope.chain(), handler) });
    }
  }
  const notFound = planOf("", root.chain(), (_ctx, req) => {
    if (req.method === "OPTIONS" && req.path === "*") return noContent();
    throw httpFailure("not_found", "no route matches the path");
  });
  return (ctx, req) => {
    const found = req.path.startsWith("/") ? findAllRoutes(tree, "", req.path).at(-1) : undefined;
    const plan = found?.data.plan ?? notFound;
    exchangeOf(req).enter(plan.pattern, plan.traits, found?.params);
    return plan.handler(ctx, req);
  };
}

function answerMethod(req: Req, allow: string): Reply {
  const reply =
    req.method === "OPTIONS" ? noContent() : problem(req, httpFailure("method_not_allowed", "wrong method"));
  return reply.header("allow", allow);
}

function planOf(pattern: string, chain: readonly Middleware[], handler: Handler): Plan {
  return { pattern, traits: mergeTraits(chain.map((mw) => mw.traits ?? {})), handler: wrapAll(chain, handler) };
}

function exchangeOf(req: Req): Exchange {
  if (req instanceof Exchange) return req;
  throw new TypeError("http: router: the request must be the one that the server gave");
}
