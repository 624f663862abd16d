import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { explore } from "../explore/explore.ts";
import { litmus } from "./testing/litmus.ts";

// The cases of the conformance list that some of the lines have of their own.
const numberOf = (edge: string): number => (edge.endsWith("→ settle") ? 211 : 240);
const numberWithout = (without: string): number => (/^they fail$|that fails$/.test(without) ? 245 : 240);

for (const { edge, ordered, without, unordered } of litmus) {
  test(`${numberOf(edge)}: ${edge}`, async () => {
    await explore(ordered, { races: "strict", runs: 200 });
  });

  test(`${numberWithout(without)}: not ${edge}: ${without}`, async () => {
    await assert.rejects(explore(unordered, { races: "strict", runs: 1 }), { kind: "race" });
    await explore(unordered, { races: "off", runs: 1 });
  });
}

test("240: the reference lists the edges that are proved, and no others", () => {
  const page = readFileSync(new URL("../../../../docs/reference/happens-before.md", import.meta.url), "utf8");
  const rows = page.split("\n").filter((line) => line.startsWith("| ") && line.includes("→"));
  assert.deepEqual(
    rows.map((row) => row.split("|").map((cell) => cell.trim())),
    litmus.map(({ edge, without }) => ["", edge, without, ""]),
  );
});
