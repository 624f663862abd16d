import { Failure } from "../errors/index.ts";
import type { Handler } from "./handler.ts";
import { preferencesOf } from "./preference.ts";
import { Reply } from "./reply.ts";
import type { Req } from "./req.ts";

/**
 * accepts is which of the offered media types the client likes best; among equals, and without Accept, the first.
 * Throws a 406 that lists them when it takes none. Answers that depend on it need `vary: accept`.
 * Source: RFC 9110 section 12.5.1.
 */
export function accepts<T extends string>(req: Req, offered: readonly T[]): T {
  const header = req.header("accept");
  const [first] = offered;
  if (first === undefined) throw new TypeError("http: accepts: at least one media type must be offered");
  if (header === undefined || header.trim() === "") return first;
  const members = preferencesOf(header);
  let best: T | undefined;
  let bestWeight = 0;
  for (const type of offered) {
    const weight = weightOf(type, members);
    if (weight > bestWeight) {
      best = type;
      bestWeight = weight;
    }
  }
  if (best !== undefined) return best;
  throw new Failure("http: nothing that is offered is acceptable", {
    code: "invalid_argument",
    reason: "http/not_acceptable",
    detail: `This resource comes as ${offered.join(", ")}.`,
  });
}

/**
 * byMediaType chooses the handler by what the client accepts; the first is for who does not say. The answer has the
 * chosen type where the handler answers with JSON. It is how an API has versions in one path; versions by path are
 * routes:
 *
 *     router.get("/users/:id", byMediaType({
 *       "application/vnd.shop.v2+json": userV2,
 *       "application/vnd.shop.v1+json": userV1,
 *     }));
 */
export function byMediaType(handlers: Readonly<Record<string, Handler>>): Handler {
  const offered = Object.keys(handlers);
  if (offered.length === 0) throw new TypeError("http: byMediaType: at least one media type must be offered");
  return async (ctx, req) => {
    req.setHeader("vary", "accept");
    const type = accepts(req, offered);
    // It is one of the keys.
    const reply = await handlers[type]!(ctx, req);
    if (!(reply instanceof Reply) || reply.type !== "application/json") return reply;
    return Object.assign(new Reply(reply.status, type, reply.body), { head: reply.head, length: reply.length });
  };
}

// The most specific member that matches a type counts, whatever the others say.
function weightOf(type: string, members: readonly { readonly value: string; readonly weight: number }[]): number {
  const [plain = "", ...params] = type
    .toLowerCase()
    .split(";")
    .map((part) => part.trim());
  const [major] = plain.split("/");
  let weight = 0;
  let best = 0;
  for (const member of members) {
    const [range, ...wanted] = member.value.split(";");
    const kind = range === plain ? 3 : range === `${major}/*` ? 2 : range === "*/*" ? 1 : 0;
    if (kind === 0 || !wanted.every((param) => params.includes(param))) continue;
    const specific = kind * 100 + wanted.length;
    if (specific > best) {
      best = specific;
      weight = member.weight;
    }
  }
  return weight;
}
