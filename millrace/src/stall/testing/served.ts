import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";

/** Line is a line of the server's log. */
export type Line = Readonly<Record<string, unknown>>;

/** Served is the server of server.ts, in a process of its own. */
export interface Served extends AsyncDisposable {
  readonly lines: readonly Line[];
  get(path: string): Promise<string>;
  kill(signal: NodeJS.Signals): void;
  /** line waits for a line that is as asked; undefined after a number of milliseconds. */
  line(is: (line: Line) => boolean, ms?: number): Promise<Line | undefined>;
  /** exit ends it as a service is ended, and gives its exit code. */
  exit(): Promise<number | null>;
}

/** serve starts the server. */
export async function serve(...args: string[]): Promise<Served> {
  const argv = ["--conditions=@millrace/source", join(import.meta.dirname, "server.ts"), ...args];
  const child = spawn(process.execPath, argv, { stdio: ["ignore", "pipe", "inherit"] });
  const ended = once(child, "exit");
  const lines: Line[] = [];
  const waiting = new Set<() => void>();
  createInterface({ input: child.stdout }).on("line", (text) => {
    lines.push(JSON.parse(text) as Line);
    for (const look of waiting) look();
  });
  const line = async (is: (line: Line) => boolean, ms = 10_000): Promise<Line | undefined> => {
    const found = Promise.withResolvers<Line | undefined>();
    const look = (): void => {
      const match = lines.find(is);
      if (match !== undefined) found.resolve(match);
    };
    const timer = setTimeout(() => found.resolve(undefined), ms);
    waiting.add(look);
    look();
    try {
      return await found.promise;
    } finally {
      clearTimeout(timer);
      waiting.delete(look);
    }
  };
  const { port } = (await line((one) => "port" in one)) ?? {};
  return {
    lines,
    line,
    get: async (path) => await (await fetch(`http://127.0.0.1:${port as number}${path}`)).text(),
    kill: (signal) => void child.kill(signal),
    async exit() {
      child.kill("SIGTERM");
      const [code] = (await ended) as [number | null];
      return code;
    },
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await ended;
    },
  };
}
