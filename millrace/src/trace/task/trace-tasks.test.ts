import assert from "node:assert/strict";
import { test } from "node:test";
import { type Ctx, background, withCancel } from "../../context/index.ts";
import { Failure } from "../../errors/index.ts";
import { current, enableCurrent, go, group } from "../../task/index.ts";
import { activeSpan, span } from "../index.ts";
import { memory } from "../testing/memory.ts";
import { traceTasks } from "./index.ts";

test("a task below a span is a span: what it starts is below it, and it ends with it", async () => {
  const { ctx, spans } = memory();
  enableCurrent();
  using _ = traceTasks();
  const gate = Promise.withResolvers<void>();
  await span(ctx, "outer", async (ctx) => {
    const task = go(
      ctx,
      async (ctx) => {
        assert.equal(current(), ctx);
        assert.equal(ctx.get(activeSpan)?.recording, true);
        await gate.promise;
        await go(ctx, () => 1, { name: "inner" });
        return 2;
      },
      { name: "work" },
    );
    await Promise.resolve();
    assert.deepEqual(spans, []);
    gate.resolve();
    assert.equal(await task, 2);
    await using g = group(ctx);
    await g.go(() => undefined, { name: "member" });
    await g.wait();
  });
  assert.deepEqual(
    spans.map(({ name }) => name),
    ["task inner", "task work", "task member", "outer"],
  );
  const [inner, work, member, outer] = spans;
  assert.deepEqual([inner?.parentId, work?.parentId, member?.parentId], [work?.spanId, outer?.spanId, outer?.spanId]);
  assert.deepEqual([work?.kind, work?.status], ["internal", "unset"]);
});

test("what a task throws is in its span, and a cancel is no error", async () => {
  const { ctx, spans } = memory();
  using _ = traceTasks();
  const failing = (_ctx: Ctx): never => {
    throw new Failure("no", { code: "unavailable", reason: "test/no" });
  };
  await span(ctx, "outer", async (ctx) => {
    await assert.rejects(Promise.resolve(go(ctx, failing)), { reason: "test/no" });
    using done = withCancel(ctx);
    done.cancel();
    await assert.rejects(Promise.resolve(go(done, async (ctx) => ctx.throwIfDone(), { name: "late" })));
  });
  const [failed, late] = spans;
  assert.deepEqual([failed?.name, failed?.status, failed?.attrs["error.type"]], ["task failing", "error", "test/no"]);
  assert.deepEqual([late?.name, late?.status], ["task late", "unset"]);
});

test("a task is no span where nothing is recorded, and when tracing has ended", async () => {
  const { ctx, spans } = memory();
  const unsampled = memory(() => false);
  const tracing = traceTasks();
  assert.throws(() => traceTasks(), { reason: "trace/tasks_traced" });
  assert.equal(await go(background, () => 1), 1);
  // With a tracer and no span around it, it begins no trace.
  assert.equal(await go(ctx, () => 2), 2);
  await span(unsampled.ctx, "outer", async (ctx) => await go(ctx, (ctx) => assert.equal(current(), ctx)));
  tracing[Symbol.dispose]();
  tracing[Symbol.dispose]();
  await span(ctx, "outer", async (ctx) => await go(ctx, () => 3));
  assert.deepEqual(
    [...spans, ...unsampled.spans].map(({ name }) => name),
    ["outer"],
  );
});
