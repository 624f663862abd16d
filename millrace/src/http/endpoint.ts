import type { Ctx } from "../context/index.ts";
import { checksAnswers, withCheckedAnswers } from "./endpoint-answer.ts";
import { PARTS, type RawInput, inputPlan, readInput } from "./endpoint-input.ts";
import { type EndpointInput, type EndpointParams, type EndpointSpec, withSpec } from "./endpoint-spec.ts";
import type { Handler, Middleware } from "./handler.ts";
import type { Provider } from "./provide.ts";
import type { Reply } from "./reply.ts";
import type { PathParams } from "./req.ts";

/**
 * endpoint makes a handler that is called with valid input only. Everything that is wrong with all parts is answered at
 * once with a 400 problem, its issues under "query.…", "params.…", "headers.…" and, for the body, the plain path.
 * A body of another media type than the declared one (JSON, where it is a schema) is a 415, a broken one a 400, one that
 * is too long a 413. A schema for params that the route's
 * pattern cannot satisfy does not compile.
 */
export function endpoint<const S extends EndpointSpec, Params = PathParams>(
  spec: S,
  fn: (ctx: Ctx, input: EndpointInput<S, Params>) => Reply | Response | Promise<Reply | Response>,
): Handler<EndpointParams<S, Params>> {
  const plan = inputPlan(spec);
  const provided = providedBy(spec.use ?? []);
  const call = (ctx: Ctx, input: RawInput): ReturnType<Handler> => {
    for (const { name, get } of provided) input[name] = get(ctx);
    // Each part's value comes from that part's schema, each provided one from its provider.
    return fn(ctx, input as EndpointInput<S, Params>);
  };
  const plain: Handler = (ctx, req) => {
    const input = readInput(plan, req);
    return input instanceof Promise ? input.then((read) => call(ctx, read)) : call(ctx, input);
  };
  const inner = checksAnswers() && spec.responses !== undefined ? withCheckedAnswers(spec, plain) : plain;
  const use = spec.use ?? [];
  const wrapped = use.reduceRight<Handler>((next, mw) => mw(next), inner);
  // A function of our own, because what a middleware returns may be known elsewhere too.
  const handler: Handler = use.length === 0 ? inner : (ctx, req) => wrapped(ctx, req);
  // A router gives a handler what its pattern matched, and the type says what that must be.
  return withSpec(handler, spec) as Handler<EndpointParams<S, Params>>;
}

function providedBy(use: readonly Middleware[]): Provider<string, unknown>["provides"][] {
  const provided = use.flatMap((mw) => ("provides" in mw ? [(mw as Provider<string, unknown>).provides] : []));
  const taken = new Set<string>(["req", ...PARTS]);
  for (const { name } of provided) {
    if (taken.has(name))
      throw new TypeError(`http: endpoint: two things are called ${JSON.stringify(name)} in its input`);
    taken.add(name);
  }
  return provided;
}
