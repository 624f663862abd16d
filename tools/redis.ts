import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onPath } from "./lib/on-path.ts";
import { freePort } from "./lib/port.ts";
import { startWrapped } from "../millrace/src/test/postgres/wrapped.ts";

/** Redis is a real server of this process's own; it ends with the process, however that ends. */
export interface Redis extends AsyncDisposable {
  /** url is redis://… */
  readonly url: string;
  /** kill9 ends the server as a power cut does. */
  kill9(): Promise<void>;
  /** restart starts it again, on the same port, with nothing in it. */
  restart(): Promise<void>;
  /** stop ends the server and removes its folder; it may be called twice. */
  stop(): Promise<void>;
}

/** hasRedis says whether there is a redis-server to start; it is Debian's package of that name. */
export function hasRedis(): boolean {
  return onPath("redis-server");
}

/** startRedis starts an empty server in a temporary folder on 127.0.0.1; it writes nothing to disk. */
export async function startRedis(): Promise<Redis> {
  const dir = mkdtempSync(join(tmpdir(), "millrace-redis-"));
  const port = await freePort();
  const flags = ["--port", String(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", dir];
  // What it says goes to where the wrapper listens.
  const argv = ["/bin/sh", "-c", 'exec "$@" >&2', "sh", "redis-server", ...flags];
  const start = () => startWrapped(dir, argv, undefined, "TERM");
  let running = await start().catch((err: unknown) => {
    rmSync(dir, { recursive: true, force: true });
    throw err;
  });
  let stopped = false;
  const stop = async (): Promise<void> => {
    if (!stopped) await running.stop();
    stopped = true;
    rmSync(dir, { recursive: true, force: true });
  };
  return {
    url: `redis://127.0.0.1:${port}`,
    kill9: () => running.kill9(),
    restart: async () => void (running = await start()),
    stop,
    [Symbol.asyncDispose]: stop,
  };
}
