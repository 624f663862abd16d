import assert from "node:assert/strict";
import { test } from "node:test";
import { parentBased, ratio } from "./index.ts";
import { RandomIds } from "./w3c.ts";

const ids = new RandomIds();

test("ratio takes about that part, the same ones everywhere", () => {
  for (const part of [0, 0.1, 0.5, 1]) {
    const [one, other] = [ratio(part), ratio(part)];
    const all = Array.from({ length: 10_000 }, () => ids.hex(32));
    const taken = all.filter((id) => one(id, undefined));
    // Six standard deviations.
    assert.ok(Math.abs(taken.length - part * 10_000) <= 6 * Math.sqrt(10_000 * part * (1 - part)), `${taken.length}`);
    assert.deepEqual(
      all.filter((id) => other(id, part < 0.5)),
      taken,
      "whatever the caller says",
    );
    assert.ok(
      taken.every((id) => part === 0 || ratio(Math.min(1, part * 2))(id, undefined)),
      "more includes them",
    );
  }
  for (const part of [-1, 2, NaN]) assert.throws(() => ratio(part), RangeError);
});

test("parentBased asks the root only where a trace begins", () => {
  const asked: string[] = [];
  const sampler = parentBased((id) => asked.push(id) > 0);
  assert.deepEqual([sampler("a", true), sampler("b", false), sampler("c", undefined)], [true, false, true]);
  assert.deepEqual(asked, ["c"]);
});
