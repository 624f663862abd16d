import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { describe, it } from "node:test";
import type { Kernel } from "./kernel.ts";
import { kernels } from "./kernels.ts";

describe("the table of kernels", () => {
  const folder = new URL("kernels/", import.meta.url);

  it("holds every kernel file, in order", async () => {
    const files = readdirSync(folder).toSorted();
    const inFiles = await Promise.all(
      files.map(async (file) => ((await import(new URL(file, folder).href)) as { kernel: Kernel }).kernel),
    );
    assert.deepEqual(kernels, inFiles);
    assert.deepEqual(
      kernels.map(({ id }) => id),
      files.map((file) => Number.parseInt(file, 10)),
    );
  });

  it("gives each kernel a number and a name of its own", () => {
    assert.equal(new Set(kernels.map(({ id }) => id)).size, kernels.length);
    assert.equal(new Set(kernels.map(({ name }) => name)).size, kernels.length);
    assert.ok(kernels.length >= 34);
  });

  for (const { id, name, seen, detectors, buggy, fixed } of kernels) {
    it(`${id} ${name}: was seen somewhere, ought to be found by something, and its twins differ`, () => {
      assert.ok(seen.length > 0 && seen.every((place) => place !== ""));
      assert.ok(detectors.some((detector) => detector !== "time"));
      assert.notEqual(buggy.toString(), fixed.toString());
    });
  }
});
