import { type Reply, html } from "../http/index.ts";

const ABOUT: Readonly<Record<string, string>> = {
  "/debug/tasks": "every task: what it waits for, since when, who started it; and the requests in flight",
  "/debug/tasks?debug=1": "the same tasks, counted",
  "/debug/pprof/profile":
    "30 s of CPU as .cpuprofile; ?seconds=5, ?format=html for a flame graph, ?format=pprof for go tool pprof",
  "/debug/pprof/heap":
    "what 10 s leave in memory, by who made it; ?seconds, ?format; ?snapshot=1 is a whole .heapsnapshot",
  "/debug/pprof/allocs": "the same, with what was collected meanwhile",
  "/debug/vars": "memory, CPU, event loop, versions and the application's own values",
  "/debug/config": "the configuration without its secrets",
  "/debug/log": 'the log\'s level; PUT {"level":"debug","for":"5m"} changes it',
  "/metrics": "the metrics, as Prometheus asks for them",
};

/** indexPage lists what there is. */
export function indexPage(patterns: readonly string[]): Reply {
  const there = Object.entries(ABOUT).filter(([path]) => patterns.includes(path.replace(/\?.*/, "")));
  const rows = there.map(
    ([path, about]) =>
      html`<dt><a href="${path}">${path}</a></dt>
        <dd>${about}</dd>`,
  );
  return html`<!doctype html>
    <html lang="en">
      <meta charset="utf-8" />
      <title>debug</title>
      <h1>Process ${process.pid}</h1>
      <dl>${rows}</dl>
    </html>`;
}
