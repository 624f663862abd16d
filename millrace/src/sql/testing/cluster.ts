import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "../../test/postgres/free-port.ts";
import { binaries } from "../../test/postgres/binaries.ts";
import { startWrapped } from "../../test/postgres/wrapped.ts";
import { unprivileged } from "../../test/postgres/start.ts";

/** Cluster is a PostgreSQL server of a test's own, for what the shared one must not be made to do. */
export interface Cluster extends AsyncDisposable {
  readonly port: number;
  readonly url: string;
  /** standby copies the server, and starts the copy as a standby that follows it. */
  standby(): Promise<Cluster>;
  kill9(): Promise<void>;
}

/** hasServer says whether there are binaries of a server and of pg_basebackup to be started. */
export function hasServer(): boolean {
  try {
    const bin = binaries(tmpdir(), { binaries: "debian" });
    execFileSync(join(bin, "pg_basebackup"), ["--version"]);
    return true;
  } catch {
    return false;
  }
}

/** startCluster starts a server with files of the test's own in its data directory. */
export async function startCluster(files: Readonly<Record<string, string>> = {}): Promise<Cluster> {
  return await start((bin, data) => {
    run(join(bin, "initdb"), ["-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"]);
    for (const [name, text] of Object.entries(files)) {
      writeFileSync(join(data, name), text, { mode: 0o600 });
      const { uid, gid } = unprivileged() ?? {};
      if (uid !== undefined) execFileSync("chown", [`${uid}:${gid}`, join(data, name)]);
    }
  });
}

async function start(prepare: (bin: string, data: string) => void): Promise<Cluster> {
  const dir = mkdtempSync(join(tmpdir(), "millrace-cluster-"));
  const owner = unprivileged();
  if (owner !== undefined) execFileSync("chown", [`${owner.uid}:${owner.gid}`, dir]);
  const bin = binaries(dir, { binaries: "debian" });
  const data = join(dir, "data");
  prepare(bin, data);
  const port = await freePort();
  const settings = { listen_addresses: "127.0.0.1", port: String(port), unix_socket_directories: "", fsync: "off" };
  const flags = Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  const server = await startWrapped(dir, [join(bin, "postgres"), "-D", data, ...flags], owner);
  let running = true;
  return {
    port,
    url: `postgres://postgres@127.0.0.1:${port}/postgres`,
    standby: () =>
      start((bin, data) => {
        const to = ["-D", data, "-R", "-X", "stream", "-c", "fast", "--no-sync"];
        run(join(bin, "pg_basebackup"), [...to, "-h", "127.0.0.1", "-p", String(port), "-U", "postgres"]);
      }),
    kill9: async () => {
      running = false;
      await server.kill9();
    },
    [Symbol.asyncDispose]: async () => {
      if (running) await server.stop();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

function run(program: string, args: readonly string[]): void {
  execFileSync(program, args, { ...unprivileged(), cwd: tmpdir(), stdio: ["ignore", "ignore", "inherit"] });
}
