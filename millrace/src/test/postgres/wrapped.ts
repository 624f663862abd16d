import { spawn } from "node:child_process";
import { once } from "node:events";

/** Owner is the user that the server runs as; undefined: who runs this process. @internal */
export type Owner = { readonly uid: number; readonly gid: number } | undefined;

/** Wrapped is a running server; end it once, in one of these ways. @internal */
export interface Wrapped {
  /** stop ends the server and removes its folder. */
  stop(): Promise<void>;
  /** kill9 ends it as a power cut does, and keeps its folder. */
  kill9(): Promise<void>;
  /** interrupt ends it by SIGINT, and keeps its folder. */
  interrupt(): Promise<void>;
}

/**
 * WRAPPER runs the server and waits for the end of its standard input, which it shares with nobody but the process that
 * started it: when that process ends, even by SIGKILL, the server is stopped and its folder removed.
 */
const WRAPPER = `
dir=$1; signal=$2; shift 2
"$@" </dev/null &
echo pid $!
read -r word own
[ -z "$own" ] || signal=$own
kill -"$signal" $! 2>/dev/null
wait $!
[ "$word" = keep ] || rm -rf "$dir"
`;

const READY_MS = 30_000;

/**
 * startWrapped starts the server under the wrapper and waits until it accepts connections; signal is what ends it at once.
 * What a shell starts in the background ignores QUIT unless it has a handler of its own, as PostgreSQL has. @internal
 */
export async function startWrapped(
  dir: string,
  argv: readonly string[],
  owner: Owner,
  signal: "QUIT" | "TERM" = "QUIT",
): Promise<Wrapped> {
  // Detached: a Ctrl-C in the terminal reaches this process only, and the wrapper then sees its input end.
  const stdio = ["pipe", "pipe", "pipe"] as const;
  const child = spawn("/bin/sh", ["-c", WRAPPER, "sh", dir, signal, ...argv], {
    cwd: dir,
    ...owner,
    detached: true,
    stdio: [...stdio],
  });
  const ended = once(child, "exit");
  let said = "";
  const pid = Promise.withResolvers<number>();
  const ready = Promise.withResolvers<void>();
  const timer = setTimeout(() => ready.reject(new Error(`postgres: not ready in ${READY_MS} ms:\n${said}`)), READY_MS);
  child.stdout.on("data", (data: Buffer) => pid.resolve(Number(/pid (\d+)/.exec(data.toString())?.[1])));
  child.stderr.on("data", (data: Buffer) => {
    said = (said + data.toString()).slice(-4000);
    // A standby takes read-only ones.
    if (/ready to accept (?:read-only )?connections/i.test(said)) ready.resolve();
  });
  // Its own word is its end: a FATAL may also be what it says to a client that came too early.
  child.once("exit", () => ready.reject(new Error(`postgres: did not start:\n${said}`)));
  // The server must not keep this process alive; its input ends with the process.
  for (const handle of [child, child.stdin, child.stdout, child.stderr]) (handle as { unref?: () => void }).unref?.();
  const end = async (word: string): Promise<void> => {
    child.ref();
    child.stdin.end(word);
    await ended;
  };
  try {
    await ready.promise;
    const server = await pid.promise;
    const kill9 = (): Promise<void> => {
      process.kill(server, "SIGKILL");
      return end("keep\n");
    };
    return { stop: () => end(""), kill9, interrupt: () => end("keep INT\n") };
  } catch (err) {
    await end("keep\n");
    throw err;
  } finally {
    clearTimeout(timer);
  }
}
