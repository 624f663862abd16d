import assert from "node:assert/strict";
import { test } from "node:test";
import { chan } from "../chan/index.ts";
import { type Ctx, background, ctxKey, withCancel, withValue } from "../context/index.ts";
import { type RunningTask, go, recordSpawns, recordingSpawns, runningTasks } from "./index.ts";
import { hops } from "./testing/hops.ts";

const user = ctxKey<string>("user");

function named(name: string): RunningTask | undefined {
  return runningTasks().find((task) => task.name === name);
}

test("a listed task has a number that stays, the task above it, and the context it was started with", async () => {
  const stop = chan<never>();
  const wait = async (ctx: Ctx): Promise<void> => void (await stop.recv(ctx));
  await using ctx = go(
    withCancel(background),
    async (ctx) => {
      await using _child = go(withValue(ctx, user, "secret"), wait, { name: "child" });
      await using _other = go(background, wait, { name: "other" });
      await stop.recv(ctx);
    },
    { name: "parent" },
  );
  await hops(5);
  const [parent, child, other] = [named("parent")!, named("child")!, named("other")!];
  assert.deepEqual([parent.parent, child.parent, other.parent], [undefined, parent.id, undefined]);
  assert.equal(child.within, "background.withCancel.task(parent).withValue(user)");
  assert.equal(child.waits, "to receive from a channel");
  assert.equal(new Set([parent.id, child.id, other.id]).size, 3);
  assert.equal(named("child")!.id, child.id);
  stop.close();
  await ctx;
});

test("a task whose starter has ended has the next one above it, and its path still names the starter", async () => {
  const stop = chan<never>();
  await using top = go(
    background,
    async (ctx) => {
      await go(
        ctx,
        (ctx) => {
          // A task that outlives its starter, as a leak does.
          void go(ctx, () => stop.recv(background), { name: "orphan" });
        },
        { name: "starter" },
      );
      await stop.recv(ctx);
    },
    { name: "top" },
  );
  await hops(10);
  const orphan = named("orphan")!;
  assert.deepEqual([orphan.parent, orphan.state], [named("top")!.id, "canceled"]);
  assert.equal(orphan.within, "background.task(top).task(starter)");
  stop.close();
  await top;
});

test("recording where tasks are started is switched on and off", () => {
  assert.equal(recordingSpawns(), false);
  recordSpawns(true);
  assert.equal(recordingSpawns(), true);
  recordSpawns(false);
  assert.equal(recordingSpawns(), false);
});
