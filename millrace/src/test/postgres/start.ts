import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "./free-port.ts";
import { binaries } from "./binaries.ts";
import { type Owner, startWrapped } from "./wrapped.ts";

/** Postgres is a real server of this process's own; it ends with the process, however that ends. @internal */
export interface Postgres extends AsyncDisposable {
  /** url is postgres://… of the database "postgres", as its superuser. */
  readonly url: string;
  /** kill9 ends the server as a power cut does; what was committed is still there after restart. */
  kill9(): Promise<void>;
  /** shutDown ends the server as an administrator does ("fast"): clients are told, and their transactions rolled back. */
  shutDown(): Promise<void>;
  /** restart starts the server again, on the same port and data. */
  restart(): Promise<void>;
  /** stop ends the server and removes its data; it may be called twice. */
  stop(): Promise<void>;
}

/** StartOptions choose a server. @internal */
export interface StartOptions {
  /** fsync makes commits survive a power cut. Default: false, which is faster. */
  readonly fsync?: boolean;
  /** binaries is where initdb and postgres come from. Default: the newest in /usr/lib/postgresql, else npm's. */
  readonly binaries?: "debian" | "npm";
}

/** startPostgres creates an empty cluster in a temporary folder and starts it on 127.0.0.1. @internal */
export async function startPostgres(options: StartOptions = {}): Promise<Postgres> {
  const dir = mkdtempSync(join(tmpdir(), "millrace-postgres-"));
  try {
    const owner = unprivileged();
    const bin = binaries(dir, options);
    if (owner !== undefined) spawnSync("chown", ["-R", `${owner.uid}:${owner.gid}`, dir]);
    const data = join(dir, "data");
    const initdb = spawnSync(
      join(bin, "initdb"),
      ["-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"],
      { cwd: dir, ...owner, encoding: "utf8" },
    );
    if (initdb.status !== 0) throw new Error(`initdb: ${initdb.error?.message ?? initdb.stderr}`);
    return await serve(dir, join(bin, "postgres"), data, owner, options);
  } catch (err) {
    rmSync(dir, { recursive: true, force: true });
    throw err;
  }
}

async function serve(
  dir: string,
  postgres: string,
  data: string,
  owner: Owner,
  options: StartOptions,
): Promise<Postgres> {
  const port = await freePort();
  const durable = options.fsync === true ? "on" : "off";
  const settings = {
    listen_addresses: "127.0.0.1",
    port,
    unix_socket_directories: "",
    max_connections: 200,
    fsync: durable,
    synchronous_commit: durable,
    full_page_writes: durable,
  };
  const flags = Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  const start = () => startWrapped(dir, [postgres, "-D", data, ...flags], owner);
  let running = await start();
  const stop = async (): Promise<void> => {
    await running.stop();
    rmSync(dir, { recursive: true, force: true });
  };
  return {
    url: `postgres://postgres@127.0.0.1:${port}/postgres`,
    kill9: () => running.kill9(),
    shutDown: () => running.interrupt(),
    restart: async () => void (running = await retry(start)),
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

/** retry waits for the processes of a killed server, which end by themselves: until then its data is still in use. */
async function retry<T>(start: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await start();
    } catch (err) {
      if (attempt === 50 || !String(err).includes("shared memory block")) throw err;
      await sleep(100);
    }
  }
}

/** unprivileged is whom the server runs as: PostgreSQL refuses to run as root. @internal */
export function unprivileged(): Owner {
  if (process.getuid?.() !== 0) return undefined;
  const users = new Map(
    readFileSync("/etc/passwd", "utf8")
      .split("\n")
      .map((line) => [line.split(":")[0], line.split(":")]),
  );
  const user = users.get("postgres") ?? users.get("nobody");
  if (user === undefined) throw new Error("postgres: running as root, and there is neither a user postgres nor nobody");
  return { uid: Number(user[2]), gid: Number(user[3]) };
}
