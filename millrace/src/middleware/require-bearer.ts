import { type Ctx, ctxKey } from "../context/index.ts";
import type { Provider } from "../http/index.ts";
import { type Verify, bearer } from "./bearer.ts";

/**
 * requireBearer is bearer with a name and a type: an endpoint with `use: [requireBearer("user", verify)]` has a `user`
 * in its input, and it is what verify gave.
 */
export function requireBearer<Name extends string, T>(name: Name, verify: Verify<T>): Provider<Name, T> {
  const key = ctxKey<T>(name);
  // bearer lets nothing through without a value under the key.
  const get = (ctx: Ctx): T => ctx.get(key)!;
  return Object.assign(bearer(key, verify), { provides: { name, get } });
}
