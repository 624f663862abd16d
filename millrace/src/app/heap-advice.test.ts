import assert from "node:assert/strict";
import { test } from "node:test";
import { heapAdvice } from "./heap-advice.ts";

const MiB = 2 ** 20;

// What Node 26 does by itself, as measured: docs/adr/0042.
const cases = [
  { container: 128, heap: 256, want: "the heap's limit is above the container's" },
  { container: 256, heap: 256, want: undefined },
  { container: 512, heap: 256, want: undefined },
  { container: 4096, heap: 2048, want: undefined },
  { container: 16_384, heap: 4096, want: undefined },
  { container: 32_768, heap: 4096, want: "the heap's limit is far below the container's" },
  { container: undefined, heap: 4096, want: undefined },
];
for (const { container, heap, want } of cases) {
  test(`a heap of ${heap} MiB in a container of ${container ?? "any"}`, () => {
    const advice = heapAdvice(heap * MiB, container === undefined ? undefined : container * MiB);
    assert.equal(advice?.why, want);
    if (advice !== undefined) assert.deepEqual([advice.heap_mb, advice.container_mb], [heap, container]);
  });
}
