import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { onPath } from "./lib/on-path.ts";
import { freePort } from "./lib/port.ts";
import { startWrapped } from "../millrace/src/test/postgres/wrapped.ts";

/** Prometheus is a real server of this process's own; it ends with the process, however that ends. */
export interface Prometheus extends AsyncDisposable {
  /** query gives the value of each series of an instant query, by its labels as JSON, sorted, without name, instance and job. */
  query(promql: string): Promise<Readonly<Record<string, string>>>;
  /** get asks its HTTP API and gives `data`. */
  get(path: string): Promise<unknown>;
}

/** hasPrometheus says whether there is a prometheus to start; it is Debian's package of that name. */
export function hasPrometheus(): boolean {
  return onPath("prometheus");
}

/**
 * startPrometheus starts a server on 127.0.0.1 that asks a target ("127.0.0.1:80") for /metrics every two seconds; features
 * are what it is to do beside the usual.
 */
export async function startPrometheus(
  target: string,
  features: readonly string[] = ["exemplar-storage"],
): Promise<Prometheus> {
  const dir = mkdtempSync(join(tmpdir(), "millrace-prometheus-"));
  const address = `127.0.0.1:${await freePort()}`;
  const config = join(dir, "prometheus.yml");
  writeFileSync(config, configFor(target));
  // It is said to be ready at once, and then asked whether it is.
  const script = 'echo "ready to accept connections" >&2; exec "$@" >&2';
  const flags = [`--config.file=${config}`, `--storage.tsdb.path=${dir}/data`, `--web.listen-address=${address}`];
  const argv = ["/bin/sh", "-c", script, "sh", "prometheus", ...flags, `--enable-feature=${features.join(",")}`];
  const running = await startWrapped(dir, argv, undefined, "TERM");
  const stop = async (): Promise<void> => {
    await running.stop();
    rmSync(dir, { recursive: true, force: true });
  };
  try {
    await isReady(`http://${address}/-/ready`);
  } catch (err) {
    await stop();
    throw err;
  }
  const get = async (path: string): Promise<unknown> => {
    // The shape of every answer: https://prometheus.io/docs/prometheus/latest/querying/api/#format-overview
    const answer = await (await fetch(`http://${address}/api/v1/${path}`)).json();
    const { status, data, error } = answer as { status: string; data: unknown; error?: string };
    if (status !== "success") throw new Error(`prometheus: ${path}: ${error}`);
    return data;
  };
  const query = async (promql: string): Promise<Record<string, string>> => {
    // The shape of an instant vector: https://prometheus.io/docs/prometheus/latest/querying/api/#instant-queries
    const data = (await get(`query?query=${encodeURIComponent(promql)}`)) as { result: Sample[] };
    return Object.fromEntries(data.result.map(({ metric, value }) => [labelsOf(metric), value[1]]));
  };
  return { get, query, [Symbol.asyncDispose]: stop };
}

interface Sample {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: readonly [number, string];
}

function labelsOf({
  __name__: _name,
  instance: _instance,
  job: _job,
  ...labels
}: Readonly<Record<string, string>>): string {
  return JSON.stringify(Object.fromEntries(Object.entries(labels).toSorted(([a], [b]) => (a < b ? -1 : 1))));
}

function configFor(target: string): string {
  return `
global: { scrape_interval: 2s, scrape_timeout: 2s }
scrape_configs: [{ job_name: millrace, static_configs: [{ targets: ["${target}"] }] }]
`;
}

async function isReady(url: string): Promise<void> {
  for (let left = 300; ; left--) {
    const answer = await fetch(url).catch(() => undefined);
    await answer?.arrayBuffer();
    if (answer?.ok === true) return;
    if (left === 0) throw new Error("prometheus: not ready in 30 s");
    await sleep(100);
  }
}
