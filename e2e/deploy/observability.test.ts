import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { openCache } from "millrace/cache";
import { background } from "millrace/context";
import { Registry, scrape } from "millrace/metrics";
import { watchCache } from "millrace/metrics/cache";
import { clientMetrics } from "millrace/metrics/http";
import { ResilienceMetrics } from "millrace/metrics/resilience";
import { type Prometheus, hasPrometheus, startPrometheus } from "../../tools/prometheus.ts";
import { newCollector } from "../collector.ts";
import { Storefront, tempDir } from "../storefront.ts";
import { STOREFRONT, at, documents, readFile } from "./files.ts";

const skip = hasPrometheus() ? false : "needs prometheus: apt-get install prometheus";
const RULES = join(STOREFRONT, "deploy/prometheus");

interface Rule {
  readonly alert?: string;
  readonly record?: string;
  readonly expr: string;
  readonly annotations?: { readonly runbook_url: string };
}

interface Panel {
  readonly title: string;
  readonly type: string;
  readonly targets?: readonly { readonly expr: string }[];
}

const [rulesFile] = documents("deploy/prometheus/alerts.yaml");
// promtool looks at their shape below.
const rules = (at(rulesFile?.content, "groups") as readonly { readonly rules: readonly Rule[] }[]).flatMap(
  (g) => g.rules,
);
const alerts = rules.flatMap(({ alert, ...rule }) => (alert === undefined ? [] : [{ alert, ...rule }]));
const dashboard = JSON.parse(readFile("deploy/grafana/dashboards/storefront.json")) as {
  readonly panels: readonly Panel[];
};
const panels = dashboard.panels.filter(({ type }) => type !== "row");
const queries = panels.flatMap(({ title, targets = [] }) => targets.map(({ expr }) => ({ title, expr })));

function promtool(cwd: string, ...args: string[]): { readonly status: number | null; readonly said: string } {
  const { status, stdout, stderr } = spawnSync("promtool", args, { cwd, encoding: "utf8" });
  return { status, said: stdout + stderr };
}

describe("the alerts", { skip, timeout: 120_000 }, () => {
  it("are rules that Prometheus takes, and their cases hold", () => {
    for (const args of [
      ["check", "config", "prometheus.yaml"],
      ["check", "rules", "alerts.yaml"],
      ["test", "rules", "alerts.test.yaml"],
    ]) {
      const { status, said } = promtool(RULES, ...args);
      assert.equal(status, 0, said);
    }
  });

  it("each one's case notices when it does not fire", async () => {
    await using dir = await tempDir();
    cpSync(RULES, dir.path, { recursive: true });
    const text = readFileSync(join(RULES, "alerts.yaml"), "utf8");
    const broken = text.replaceAll(
      /(- alert: \w+\n(?: +#.*\n)* +expr: )(?:>-\n(?: {10}.*\n)+|.*\n)/g,
      "$1vector(0) > 1\n",
    );
    assert.equal(broken.split("vector(0) > 1").length - 1, alerts.length);
    writeFileSync(join(dir.path, "alerts.yaml"), broken);
    assert.equal(promtool(dir.path, "check", "rules", "alerts.yaml").status, 0);
    const { status, said } = promtool(dir.path, "test", "rules", "alerts.test.yaml");
    assert.equal(status, 1, said);
    for (const { alert } of alerts) assert.ok(said.includes(`alertname: ${alert}`), `${alert}: ${said}`);
  });

  it("a rule that is no PromQL is found", async () => {
    await using dir = await tempDir();
    const text = readFileSync(join(RULES, "alerts.yaml"), "utf8").replace("sum(rate(", "sum(rate((");
    writeFileSync(join(dir.path, "alerts.yaml"), text);
    assert.notEqual(promtool(dir.path, "check", "rules", "alerts.yaml").status, 0);
  });

  it("each one has its part of the guide", () => {
    const guide = readFileSync(join(STOREFRONT, "../docs/guide/operations.md"), "utf8");
    for (const { alert, annotations } of alerts) {
      assert.equal(annotations?.runbook_url, `docs/guide/operations.md#${alert.toLowerCase()}`);
      assert.ok(guide.includes(`\n### ${alert}\n`), alert);
    }
  });
});

describe("what the dashboard and the alerts ask for", { skip, timeout: 180_000 }, () => {
  let dir: Awaited<ReturnType<typeof tempDir>>;
  let collector: Awaited<ReturnType<typeof newCollector>>;
  let shop: Storefront;
  let prometheus: Prometheus;
  before(async () => {
    dir = await tempDir();
    collector = await newCollector();
    shop = await Storefront.start({ DATA_DIR: dir.path, OTEL_EXPORTER_OTLP_ENDPOINT: collector.url });
    prometheus = await startPrometheus(new URL(shop.adminUrl).host);
  });
  after(async () => {
    await prometheus[Symbol.asyncDispose]();
    await shop[Symbol.asyncDispose]();
    await collector[Symbol.asyncDispose]();
    await dir[Symbol.asyncDispose]();
  });
  // What Grafana fills in; and the job has the name that this Prometheus gives it.
  const filled = (expr: string): string =>
    expr
      .replaceAll("$__rate_interval", "1m")
      .replaceAll("$instance", ".*")
      .replaceAll('job="storefront"', 'job="millrace"');

  it("is measured, by the storefront or by what the toolkit has for others", async () => {
    const others = new Registry();
    clientMetrics(others);
    await using cache = openCache(background, { maxEntries: 1, ttlMs: 1 });
    watchCache(others, "any", cache);
    // It registers what it measures.
    assert.ok(new ResilienceMetrics(others, "any"));
    const text = (await (await fetch(`${shop.adminUrl}/metrics`)).text()) + scrape(others).body;
    const known = new Set(Array.from(text.matchAll(/^# TYPE (\w+) \w+$/gm), ([, name]) => name!));
    // These are of Prometheus itself, and of a registry that has something to tell of.
    for (const name of ["up", "metrics_label_overflows_total"]) known.add(name);
    const unknown = [...queries, ...rules].flatMap(({ expr }) => {
      const names = Array.from(expr.matchAll(/([a-z]\w*)\{/g), ([, name]) => name!);
      assert.ok(names.length > 0 || expr.includes("storefront:"), expr);
      return names.filter((name) => !known.has(name) && !known.has(name.replace(/_(bucket|count|sum)$/, "")));
    });
    assert.deepEqual(unknown, []);
  });

  it("is PromQL, and the panels are not empty once there is load", async () => {
    // Nothing of these happens here: the storefront calls nobody, has no cache, and nothing is lost.
    const empty = /^(What it calls|Outgoing|Breakers|Cache|Lost|Statements that fail)/;
    const until = performance.now() + 60_000;
    for (let missing = queries; missing.length > 0;) {
      assert.ok(
        performance.now() < until,
        `still empty: ${missing.map(({ title, expr }) => `${title}: ${expr}`).join("\n")}`,
      );
      // oxlint-disable-next-line no-await-in-loop
      const user = await shop.newUser();
      for (const path of [`/api/v1/users/${user}`, "/api/v1/orders", "/nowhere", "/readyz"]) {
        // oxlint-disable-next-line no-await-in-loop
        await shop.call("GET", path);
      }
      // oxlint-disable-next-line no-await-in-loop
      const answers = await Promise.all(missing.map(({ expr }) => prometheus.query(filled(expr))));
      missing = missing.filter(({ title, expr }, i) => {
        const answered = Object.values(answers[i]!).some((value) => value !== "NaN");
        return !answered && !empty.test(title) && !expr.includes('"5.."');
      });
    }
    // oxlint-disable-next-line no-await-in-loop
    for (const { expr } of rules) await prometheus.query(filled(expr));
  });

  it("a query that is no PromQL is refused", async () => {
    await assert.rejects(prometheus.query(filled(`${queries[0]!.expr})`)), /parse error/);
  });
});

describe("the dashboard", () => {
  it("is complete: titles and ids are unique, every panel asks the data source that is provisioned", () => {
    const text = JSON.parse(readFile("deploy/grafana/dashboards/storefront.json")) as { panels: { id: number }[] };
    for (const names of [panels.map(({ title }) => title), text.panels.map(({ id }) => String(id))]) {
      assert.equal(new Set(names).size, names.length);
    }
    const [source] = documents("deploy/grafana/provisioning/datasources/*.yaml").map(({ content }) => content);
    const uid = at(source, "datasources", 0, "uid");
    for (const panel of panels) {
      assert.ok((panel.targets ?? []).length > 0, panel.title);
      assert.equal(at(panel, "datasource", "uid"), uid);
    }
  });
});
