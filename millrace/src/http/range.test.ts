import assert from "node:assert/strict";
import fc from "fast-check";
import { test } from "node:test";
import { fuzz } from "../test/fuzz/fuzz.ts";
import { spansOf } from "./range.ts";

test("ranges of a hundred bytes", () => {
  const cases: [header: string | undefined, want: string][] = [
    [undefined, "whole"],
    ["bytes=0-9", "0-9"],
    ["bytes=90-", "90-99"],
    ["bytes=-5", "95-99"],
    ["bytes=-500", "0-99"],
    ["bytes=50-1000", "50-99"],
    ["Bytes=0-0", "0-0"],
    ["bytes=0-9,20-29", "0-9 20-29"],
    ["bytes= 0-9 , ,20-29", "0-9 20-29"],
    ["bytes=100-", "none"],
    ["bytes=-0", "none"],
    ["bytes=100-,0-1", "0-1"],
    ["bytes=9-0", "whole"],
    ["bytes=", "whole"],
    ["bytes=-", "whole"],
    ["bytes=a-b", "whole"],
    ["bytes=0x1-2", "whole"],
    ["lines=0-1", "whole"],
    ["bytes=0-,0-", "whole"],
    [`bytes=${"0-0,".repeat(11)}`, "whole"],
    ["bytes=0-99999999999999999999999", "0-99"],
  ];
  for (const [header, want] of cases) {
    const spans = spansOf(header, 100);
    const got = spans === undefined ? "whole" : spans.map((s) => `${s.first}-${s.last}`).join(" ") || "none";
    assert.equal(got, want, String(header));
  }
  assert.deepEqual(spansOf("bytes=0-", 0), []);
});

fuzz(
  "range: whatever is asked for lies in the file and is no more than it",
  fc.tuple(fc.stringMatching(/^bytes=[\d, -]{0,30}$/), fc.nat(50)),
  ([header, size]) => {
    const spans = spansOf(header, size) ?? [];
    for (const { first, last } of spans) assert.ok(first >= 0 && first <= last && last < size);
    assert.ok(spans.reduce((sum, s) => sum + s.last - s.first + 1, 0) <= size);
  },
);
