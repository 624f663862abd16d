import { type Ctx, withCancel, withTimeout } from "../../context/index.ts";
import { Failure, codeOf, wrap } from "../../errors/index.ts";
import { SqlFailure } from "../failure.ts";
import { connectFailure } from "./server-error.ts";
import type { Server } from "./servers.ts";
import type { SessionAttrs } from "./session-attrs.ts";

/** Attempt connects to one server, which must have these attributes. @internal */
export type Attempt<C> = (ctx: Ctx, server: Server, attrs: SessionAttrs) => Promise<C>;

/** Choice says which server is taken. @internal */
export interface Choice {
  readonly servers: readonly Server[];
  readonly attrs: SessionAttrs;
  /** random tries the servers in an order of chance. */
  readonly random: boolean;
  /** serverTimeoutMs is what one server has, so that one that is silent leaves time for the next. */
  readonly serverTimeoutMs: number;
}

/**
 * connectAny connects to the first server that will do. A server that is not there, full or not the wanted one is passed
 * over; one that refuses the credentials is not. When none will do, the error says why of each. @internal
 */
export async function connectAny<C>(ctx: Ctx, choice: Choice, attempt: Attempt<C>): Promise<C> {
  const { servers, attrs } = choice;
  const order = choice.random ? shuffled(servers) : servers;
  const errors: SqlFailure[] = [];
  // Those that are no standby have their turn when no standby was found.
  for (const round of attrs === "prefer-standby" ? (["standby", "any"] as const) : [attrs]) {
    for (const server of order) {
      const result = await tried(ctx, choice, attempt, server, round);
      if (!(result instanceof SqlFailure)) return result;
      errors.push(result);
    }
  }
  const [only] = errors;
  if (errors.length === 1 && only !== undefined) throw only;
  const messages = [...new Set(errors.map((err) => err.message.replace(/^sql: connect to /, "")))];
  throw new SqlFailure(`sql: connect: none of ${servers.length} servers will do: ${messages.join("; ")}`, {
    code: "unavailable",
    reason: "sql/connect_failed",
    cause: errors.at(-1),
  });
}

async function tried<C>(
  ctx: Ctx,
  { servers, serverTimeoutMs }: Choice,
  attempt: Attempt<C>,
  server: Server,
  attrs: SessionAttrs,
): Promise<C | SqlFailure> {
  const { where } = server;
  using within = serverTimeoutMs === Infinity ? withCancel(ctx) : withTimeout(ctx, serverTimeoutMs);
  try {
    return await attempt(within, server, attrs);
  } catch (err) {
    if (ctx.err !== undefined) throw err === ctx.err ? wrap(err, `sql: connect to ${where}`) : err;
    // What no other server would change: pg is not installed.
    if (err instanceof Failure && !(err instanceof SqlFailure) && within.err === undefined) throw err;
    const late = new Error(`no answer within ${serverTimeoutMs} ms`);
    const failure = connectFailure(within.err === undefined ? err : late, where);
    const code = codeOf(failure);
    if (servers.length > 1 && (code === "unavailable" || code === "resource_exhausted")) return failure;
    throw failure;
  }
}

function shuffled<T>(list: readonly T[]): T[] {
  return list
    .map((value) => ({ value, at: Math.random() }))
    .toSorted((a, b) => a.at - b.at)
    .map(({ value }) => value);
}
