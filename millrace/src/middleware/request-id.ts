import { type Middleware, middleware } from "../http/index.ts";

// Long enough for a UUID or a trace id, short enough for a log line; no character that a log or a header could trip on.
const SANE = /^[\w.:-]{8,128}$/;

/** RequestIdOptions says where the id comes from. */
export interface RequestIdOptions {
  /** header carries the id in both directions. Default: "x-request-id". */
  readonly header?: string;
}

/**
 * requestId takes over the id of an incoming request (8 to 128 letters, digits, "_", ".", ":", "-"), else lets the
 * server make one, and sends it back. Logs and problems name it either way.
 */
export function requestId(options: RequestIdOptions = {}): Middleware {
  const header = (options.header ?? "x-request-id").toLowerCase();
  return middleware({}, (next) => (ctx, req) => {
    const id = req.header(header);
    if (id !== undefined && SANE.test(id)) req.requestId = id;
    req.setHeader(header, req.requestId);
    return next(ctx, req);
  });
}
