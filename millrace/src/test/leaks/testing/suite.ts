// A file of tests for the tests of suiteLeaks: suite.ts <case> [always].
import assert from "node:assert/strict";
import { test } from "node:test";
import { chan } from "../../../chan/index.ts";
import { background } from "../../../context/index.ts";
import { go } from "../../../task/index.ts";
import { suiteLeaks } from "../../index.ts";

const [, , name, always] = process.argv;
suiteLeaks({ always: always === "always" });

test("one", async () => {
  await go(background, () => {});
});

test("two", () => {
  if (name !== "clean") void go(background, (ctx) => chan<number>().recv(ctx), { name: "left" });
  assert.notEqual(name, "failing");
});
