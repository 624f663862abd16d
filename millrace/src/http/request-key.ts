import { type CtxKey, ctxKey } from "../context/index.ts";
import type { Req } from "./req.ts";

/** requestKey is the key under which a context tells of the request that it belongs to, for reports. @internal */
export const requestKey: CtxKey<Req | undefined> = ctxKey<Req>("millrace/http.request");
