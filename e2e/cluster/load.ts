import http from "node:http";

/** Tally counts what came of requests. */
export interface Tally {
  ok: number;
  /** refused are callers that found nobody listening, and stopped. */
  refused: number;
  /** pids are the processes that have answered. */
  readonly pids: Set<number>;
  /** failed were not answered, or wrongly. */
  readonly failed: string[];
}

/** ClusterLoad asks again and again, over kept-alive and new connections, for short answers and for streams, until it is stopped. */
export class ClusterLoad {
  readonly tally: Tally = { ok: 0, refused: 0, pids: new Set(), failed: [] };
  readonly #url: string;
  readonly #agents = [new http.Agent({ keepAlive: true }), new http.Agent({ keepAlive: false })];
  readonly #callers: Promise<void>[];
  #stopped = false;

  constructor(url: string, callers = 12) {
    this.#url = url;
    this.#callers = Array.from({ length: callers }, (_, i) => this.#call(i));
  }

  async stop(): Promise<Tally> {
    this.#stopped = true;
    await Promise.all(this.#callers);
    for (const agent of this.#agents) agent.destroy();
    return this.tally;
  }

  async #call(i: number): Promise<void> {
    const agent = this.#agents[i % 2]!;
    while (!this.#stopped) {
      const streams = i % 4 === 3;
      let body: string;
      try {
        body = await ask(this.#url + (streams ? "/stream" : "/"), agent);
      } catch (err) {
        if ((err as NodeJS.ErrnoException).code === "ECONNREFUSED") {
          this.tally.refused++;
          return;
        }
        this.tally.failed.push(String(err));
        continue;
      }
      const right = streams ? body.endsWith("18 19 ") : /^\{"pid":\d+\}$/.test(body);
      if (!right) this.tally.failed.push(body);
      else this.tally.ok++;
      if (right && !streams) this.tally.pids.add((JSON.parse(body) as { pid: number }).pid);
    }
  }
}

/** ask gets a URL and gives its body. */
export function ask(url: string, agent?: http.Agent): Promise<string> {
  return new Promise((resolve, reject) => {
    http
      .get(url, { agent }, (res) => {
        let body = "";
        res.setEncoding("utf8").on("data", (chunk: string) => (body += chunk));
        res.on("error", reject).on("end", () => resolve(res.statusCode === 200 ? body : `status ${res.statusCode}`));
      })
      .on("error", reject);
  });
}
