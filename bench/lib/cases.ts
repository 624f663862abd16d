import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { Case, Command, Subject } from "./bench.ts";
import { holdConnections } from "./hold.ts";
import { type Load, sendLoad } from "./load.ts";
import { quantile, sendPaced } from "./pace.ts";
import { Server } from "./server.ts";

const run = promisify(execFile);

/** ServerOptions describe a case whose subjects serve the same answer. */
export interface ServerOptions {
  readonly name: string;
  readonly subjects: readonly Subject[];
  /** path answers 200 with body. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string;
  readonly rounds?: number;
}

/** ThroughputOptions say how hard the servers are driven. */
export interface ThroughputOptions extends ServerOptions {
  /** connections are kept busy. Default: 64. */
  readonly connections?: number;
  /** requests are counted. Default: 150,000: some 160 ticks of the clock that CPU time is read from. */
  readonly requests?: number;
  /** warmup requests are sent first and not counted. Default: 20,000, enough for the optimising compiler. */
  readonly warmup?: number;
}

/** throughputCase counts requests per CPU second of the server process, under load over kept-alive connections. */
export function throughputCase(options: ThroughputOptions): Case {
  const { connections = 64, requests = 150_000, warmup = 20_000 } = options;
  return serverCase(options, "requests/cpu-s", "higher", async (server) => {
    const load: Load = { ...options, connections, requests: warmup };
    await sendLoad(server.port, load);
    const before = await server.cpuSeconds();
    await sendLoad(server.port, { ...load, requests });
    return requests / ((await server.cpuSeconds()) - before);
  });
}

/** cpuCase is the CPU time of the server process for each request, in µs, under the same load. */
export function cpuCase(options: ThroughputOptions): Case {
  const counted = throughputCase(options);
  return {
    ...counted,
    unit: "µs",
    better: "lower",
    measure: async (command) => 1e6 / (await counted.measure(command)),
  };
}

/** LatencyOptions say what is asked at a rate that every subject can hold. */
export interface LatencyOptions extends ServerOptions {
  /** q is which part of the requests is not slower: 0.5, 0.99. */
  readonly q: number;
  /** perMs is how many requests become due each millisecond. */
  readonly perMs: number;
}

/** latencyCase is the time to a whole answer at a steady rate over 64 connections: 10,000 requests, after a warm-up. */
export function latencyCase(options: LatencyOptions): Case {
  return serverCase(options, "ms", "lower", async (server) => {
    const load = { ...options, connections: 64, requests: 10_000 };
    await sendLoad(server.port, { ...load, requests: 20_000 });
    return quantile(await sendPaced(server.port, load), options.q);
  });
}

/** memoryCase is the server's resident memory after it has answered a load. */
export function memoryCase(
  options: ServerOptions & {
    /** connections are kept busy. Default: 1. */
    readonly connections?: number;
    /** requests are answered. Default: 2,000. */
    readonly requests?: number;
  },
): Case {
  const { connections = 1, requests = 2_000 } = options;
  return serverCase(options, "MB", "lower", async (server) => {
    await sendLoad(server.port, { ...options, connections, requests });
    return await server.residentMb();
  });
}

/**
 * idleConnectionsCase is the server's resident memory while connections that have had one answer each stay open. Both
 * processes need as many file descriptors: `ulimit -n` says how many there are.
 */
export function idleConnectionsCase(options: ServerOptions & { readonly connections: number }): Case {
  return serverCase(options, "MB", "lower", (server) => {
    const load: Load = { ...options, requests: options.connections };
    return holdConnections(server.port, load, () => server.residentMb());
  });
}

/** FirstAnswerOptions allow an answer that differs from run to run. */
export interface FirstAnswerOptions extends Omit<ServerOptions, "body"> {
  readonly body: string | RegExp;
}

/** firstAnswerCase is the time from the start of the process to its first right answer. */
export function firstAnswerCase(options: FirstAnswerOptions): Case {
  return {
    ...serverCase(options, "ms", "lower", async () => 0),
    async measure(command) {
      const began = performance.now();
      await using server = await Server.start(command);
      await proveAnswer(server, options);
      return performance.now() - began;
    },
  };
}

/** KernelOptions describe a case whose subjects are processes that measure themselves. */
export interface KernelOptions {
  readonly name: string;
  readonly unit: string;
  readonly better: "higher" | "lower";
  readonly subjects: readonly Subject[];
  readonly rounds?: number;
}

/**
 * kernelCase starts a process that proves its own answer, throwing if it is wrong, and then prints one JSON line,
 * {"value": 12.5}, in the case's unit and of its own CPU time.
 */
export function kernelCase(options: KernelOptions): Case {
  const measure = async (command: Command): Promise<number> => {
    const [file, ...args] = command.argv;
    const env = { ...process.env, ...command.env };
    const { stdout } = await run(file, args, { env, cwd: command.cwd });
    const printed: unknown = JSON.parse(stdout);
    if (typeof printed === "object" && printed !== null && "value" in printed && Number.isFinite(printed.value)) {
      return Number(printed.value);
    }
    throw new Error(`${command.argv.join(" ")}: printed ${stdout.trim()}, want {"value": …}`);
  };
  return { ...options, measure, prove: async (command) => void (await measure(command)) };
}

function serverCase(
  options: FirstAnswerOptions,
  unit: string,
  better: "higher" | "lower",
  measure: (server: Server) => Promise<number>,
): Case {
  const { name, subjects, rounds = 5 } = options;
  return {
    name,
    unit,
    better,
    subjects,
    rounds,
    async prove(command) {
      await using server = await Server.start(command);
      await proveAnswer(server, options);
    },
    async measure(command) {
      await using server = await Server.start(command);
      await proveAnswer(server, options);
      return await measure(server);
    },
  };
}

async function proveAnswer(server: Server, options: FirstAnswerOptions): Promise<void> {
  const answer = await fetch(server.url + options.path, { headers: { ...options.headers } });
  const body = await answer.text();
  const right = typeof options.body === "string" ? body === options.body : options.body.test(body);
  if (answer.status === 200 && right) return;
  throw new Error(`GET ${options.path}: ${answer.status} ${body}, want 200 ${options.body}`);
}
