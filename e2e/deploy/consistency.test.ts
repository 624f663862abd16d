import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import { Storefront, tempDir } from "../storefront.ts";
import { parseDockerfile } from "./dockerfile.ts";
import { type Json, at, documents, readFile } from "./files.ts";

// The files that deploy the storefront say of it what is so.

const manifests = documents("deploy/kubernetes/*.yaml").map(({ content }) => content);
const ofKind = (kind: string): Json => manifests.find((manifest) => manifest["kind"] === kind)!;
const pod = at(ofKind("Deployment"), "spec", "template", "spec");
const container = at(pod, "containers", 0);
const [compose] = documents("compose.yaml").map(({ content }) => content);
const service = at(compose, "services", "storefront");
const unit = readFile("deploy/systemd/storefront.service");
const image = parseDockerfile(readFile("Dockerfile")).at(-1)!.instructions;
const imageEnv = pairs(image.filter(({ name }) => name === "ENV").flatMap(({ args }) => args));
const list = at(container, "env") as readonly { readonly name: string; readonly value: string }[];
// POD_IP is there for ADMIN_ADDR alone.
const podEnv = Object.fromEntries(list.flatMap(({ name, value }) => (name === "POD_IP" ? [] : [[name, value]])));
const composeEnv = at(service, "environment") as Readonly<Record<string, string>>;
const unitEnv = pairs([...unit.matchAll(/^Environment=(.*)$/gm)].flatMap(([, text]) => text!.split(" ")));

function pairs(of: readonly string[]): Record<string, string> {
  return Object.fromEntries(of.map((pair) => pair.split("=", 2)));
}

describe("what the deploy files set", { timeout: 60_000 }, () => {
  const source = readFile("internal/platform/settings.ts");
  const known = new Set(Array.from(source.matchAll(/env: "(\w+)"/g), ([, name]) => name!));
  for (const [name, env] of Object.entries({
    image: imageEnv,
    Kubernetes: podEnv,
    compose: composeEnv,
    systemd: unitEnv,
  })) {
    it(`${name}: every variable is a setting`, () => {
      assert.ok(known.size > 10);
      const unknown = Object.keys(env).filter((variable) => variable !== "NODE_ENV" && !known.has(variable));
      assert.deepEqual(unknown, []);
    });

    it(`${name}: every value is one that the storefront takes`, async () => {
      await using dir = await tempDir();
      const { DATABASE_URL: _, ...rest } = env;
      const own = { HOST: "127.0.0.1", PORT: "0", ADMIN_ADDR: "127.0.0.1:0", DATA_DIR: dir.path };
      await using shop = await Storefront.start({ ...rest, ...own });
      assert.equal((await shop.call("GET", "/healthz")).status, 200);
    });
  }
});

describe("probes and ports", { timeout: 60_000 }, () => {
  let routes: readonly string[];
  before(async () => {
    await using dir = await tempDir();
    await using shop = await Storefront.start({ DATA_DIR: dir.path });
    routes = (await shop.call<{ routes: string[] }>("GET", "/")).body.routes;
  });
  const ports = at(container, "ports") as readonly { readonly name: string; readonly containerPort: number }[];
  const portOf = (name: unknown): number | undefined => ports.find((port) => port.name === name)?.containerPort;

  for (const probe of ["startupProbe", "readinessProbe", "livenessProbe"]) {
    it(`the ${probe} asks for a route, on the port of the API`, () => {
      const get = at(container, probe, "httpGet");
      assert.ok(routes.includes(`GET ${String(at(get, "path"))}`), JSON.stringify(get));
      assert.equal(String(portOf(at(get, "port"))), imageEnv["PORT"]);
    });
  }

  it("are those of the image, and the service's is the API's", () => {
    const exposed = image.find(({ name }) => name === "EXPOSE")?.args;
    assert.deepEqual(
      exposed,
      ports.map(({ containerPort }) => String(containerPort)),
    );
    const served = at(ofKind("Service"), "spec", "ports") as readonly { readonly targetPort: string }[];
    assert.deepEqual(
      served.map(({ targetPort }) => String(portOf(targetPort))),
      [imageEnv["PORT"]],
    );
    const published = at(service, "ports") as readonly string[];
    assert.deepEqual(published, [`127.0.0.1:${imageEnv["PORT"]}:${imageEnv["PORT"]}`]);
  });

  it("the admin port is where Prometheus asks, with the token that the storefront wants", () => {
    assert.equal(podEnv["ADMIN_ADDR"], `$(POD_IP):${portOf("admin")}`);
    const endpoint = at(ofKind("PodMonitor"), "spec", "podMetricsEndpoints", 0);
    assert.equal(at(endpoint, "port"), "admin");
    assert.deepEqual(at(endpoint, "authorization", "credentials"), {
      name: at(container, "envFrom", 0, "secretRef", "name"),
      key: "ADMIN_TOKEN",
    });
    const [prometheus] = documents("deploy/prometheus/prometheus.yaml").map(({ content }) => content);
    const scrape = at(prometheus, "scrape_configs", 0);
    assert.equal(at(scrape, "authorization", "credentials"), composeEnv["ADMIN_TOKEN"]);
    const target = String(at(scrape, "static_configs", 0, "targets", 0));
    assert.equal(target, `${composeEnv["ADMIN_HOSTS"]}:${composeEnv["ADMIN_ADDR"]?.split(":")[1]}`);
    assert.notEqual(at(compose, "services", composeEnv["ADMIN_HOSTS"]!), undefined);
  });

  it("the probes answer before they are given up", () => {
    // A check of readiness may take 1 s.
    assert.ok(Number(at(container, "readinessProbe", "timeoutSeconds")) > 1);
    assert.ok(Number(at(container, "livenessProbe", "timeoutSeconds")) > 1);
  });
});

describe("the time that a stop gets", () => {
  // What millrace/app gives by default: tasks 3, telemetry 2, resources 3, and what each of the stages may take beyond.
  const CLOSE_S = 3 + 2 + 3 + 4 * 0.5;
  const seconds = (env: Readonly<Record<string, string>>, name: string, fallback: string): number =>
    Number(/^(\d+)s?$/.exec(env[name] ?? fallback)?.[1]);
  const budget = (env: Readonly<Record<string, string>>): number =>
    seconds(env, "SHUTDOWN_DELAY", "0") + seconds(env, "SHUTDOWN_DRAIN", "20") + CLOSE_S;

  it("is longer than all budgets in Kubernetes, the preStop hook among them", () => {
    const preStop = Number(at(container, "lifecycle", "preStop", "sleep", "seconds"));
    const grace = Number(at(pod, "terminationGracePeriodSeconds"));
    assert.ok(preStop + budget(podEnv) < grace, `${preStop} + ${budget(podEnv)} < ${grace}`);
  });

  it("is longer than all budgets in compose and systemd", () => {
    const compose = Number(/^(\d+)s$/.exec(String(at(service, "stop_grace_period")))?.[1]);
    assert.ok(budget(composeEnv) < compose, `${budget(composeEnv)} < ${compose}`);
    const stop = Number(/^TimeoutStopSec=(\d+)s$/m.exec(unit)?.[1]);
    assert.ok(budget(unitEnv) < stop, `${budget(unitEnv)} < ${stop}`);
  });

  it("a request may end within the drain", () => {
    assert.ok(seconds(podEnv, "REQUEST_TIMEOUT", "15") <= seconds(podEnv, "SHUTDOWN_DRAIN", "20"));
  });
});

describe("who it runs as", () => {
  const [uid, gid] = image
    .find(({ name }) => name === "USER")!
    .args[0]!.split(":")
    .map(Number);
  for (const kind of ["Deployment", "Job"]) {
    it(`the ${kind}: the image's user, who may do nothing and write nowhere`, () => {
      const spec = at(ofKind(kind), "spec", "template", "spec");
      assert.deepEqual(at(spec, "securityContext"), {
        runAsNonRoot: true,
        runAsUser: uid,
        runAsGroup: gid,
        seccompProfile: { type: "RuntimeDefault" },
      });
      assert.deepEqual(at(spec, "containers", 0, "securityContext"), {
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ["ALL"] },
      });
      assert.notEqual(at(spec, "containers", 0, "resources", "limits", "memory"), undefined);
      assert.equal(at(spec, "containers", 0, "image"), at(container, "image"));
    });
  }

  it("the connections of all pods fit a server's default of 100, with some left", () => {
    const most = Number(at(ofKind("HorizontalPodAutoscaler"), "spec", "maxReplicas"));
    // A rollout has one more.
    assert.ok((most + 1) * Number(podEnv["DATABASE_MAX_CONNS"]) <= 97);
  });

  it("compose: nothing is published beyond this machine", () => {
    const services = Object.values(at(compose, "services") as Json);
    const ports = services.flatMap((each) => (at(each, "ports") ?? []) as readonly string[]);
    for (const port of ports) assert.match(port, /^127\.0\.0\.1:/);
  });
});
