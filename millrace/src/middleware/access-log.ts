import type { Ctx } from "../context/index.ts";
import { type Middleware, type Outcome, type Req, middleware } from "../http/index.ts";
import type { Log } from "../log/index.ts";
// Not through the folder's index, which would load the logger.
import { isoTimes } from "../log/iso-time.ts";
import { LineSink } from "./line-sink.ts";

/** AccessLogOptions says where the lines go. */
export interface AccessLogOptions {
  /** fd is an open file descriptor. Default: 1, the standard output. */
  readonly fd?: number;
  /** log takes them instead, as lines of its own: for a person who reads along, at up to 2 µs more a request. */
  readonly log?: Log;
}

/**
 * accessLog writes one JSON line for each request when it has ended. The lines are written 16 kB or 200 ms of them at a
 * time, and what waits is written when the process exits; a pipe that blocks loses lines, and a line says how many. The query is left out: it is where secrets are.
 */
export function accessLog(options: AccessLogOptions = {}): Middleware {
  const { log } = options;
  if (log !== undefined) return middleware({ onFinish: (ctx, req, outcome) => logLine(ctx, log, req, outcome) });
  const isoTime = isoTimes();
  const sink = new LineSink(options.fd ?? 1, droppedLine);
  process.once("exit", () => sink.flush());
  return middleware({ onFinish: (_ctx, req, outcome) => sink.add(line(isoTime, req, outcome)) });
}

// The log adds the ids of the request and its trace from its context.
function logLine(ctx: Ctx, log: Log, req: Req, outcome: Outcome): void {
  const { method, path, clientIp } = req;
  const { status, sentBytes } = outcome;
  const durationMs = Math.round(outcome.durationMs * 1000) / 1000;
  log.info(ctx, "request", { method, path, status, duration_ms: durationMs, bytes: sentBytes, client_ip: clientIp });
}

function line(isoTime: (unixMs: number) => string, req: Req, outcome: Outcome): string {
  return (
    `{"level":"info","time":"${isoTime(outcome.endedAt)}","msg":"request","request_id":${quoted(req.requestId)},` +
    `"method":"${req.method}","path":${quoted(req.path)},"route":${quoted(req.pattern)},"status":${outcome.status},` +
    `"duration_ms":${inMillis(outcome.durationMs)},"bytes":${outcome.sentBytes},` +
    `"client_ip":${quoted(req.clientIp)}${req.trace === undefined ? "" : `,"trace_id":"${req.trace.traceId}"`}}\n`
  );
}

// To the microsecond. A fraction is written as two whole numbers, since the shortest text of a fraction takes long to find.
function inMillis(ms: number): string {
  const micros = Math.round(ms * 1000);
  const rest = micros % 1000;
  return `${(micros - rest) / 1000}.${rest < 10 ? "00" : rest < 100 ? "0" : ""}${rest}`;
}

function droppedLine(count: number): string {
  const time = new Date().toISOString();
  return `{"level":"warn","time":"${time}","msg":"access log: lines dropped, the destination was blocked","dropped":${count}}\n`;
}

// oxlint-disable-next-line no-control-regex
const NEEDS_ESCAPE = /["\\\u0000-\u001f\u007f-\uffff]/;

function quoted(text: string): string {
  return NEEDS_ESCAPE.test(text) ? JSON.stringify(text) : `"${text}"`;
}
