import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { background, withCancel } from "../context/index.ts";
import { chan, fromPromise, select, trySelect } from "./index.ts";
import { settled, ticks } from "./testing/observe.ts";

describe("fromPromise", () => {
  it("80: gives the value once, and then never again", async () => {
    const { promise, resolve } = Promise.withResolvers<number>();
    const one = fromPromise(promise);
    assert.equal(trySelect({ one }), undefined);
    const waiting = select(background, { one, never: chan() });
    resolve(7);
    assert.deepEqual(await waiting, { key: "one", value: 7 });
    assert.equal(trySelect({ one }), undefined);
    // Another case of the same promise has its own value.
    assert.deepEqual(trySelect({ two: fromPromise(promise) }), { key: "two", value: 7 });
  });
  it("80: of two selects on one case the first gets it", async () => {
    const { promise, resolve } = Promise.withResolvers<number>();
    const one = fromPromise(promise);
    const ctx = withCancel(background);
    const [first, second] = [select(background, { one }), select(ctx, { one })];
    resolve(1);
    assert.equal((await first).value, 1);
    assert.equal(await settled(second), false);
    ctx.cancel();
    await assert.rejects(second, (err) => err === ctx.err);
  });
  it("80: a loser is ready later", async () => {
    const { promise, resolve } = Promise.withResolvers<undefined>();
    const late = fromPromise(promise);
    const ch = chan<number>();
    const lost = select(background, { late, ch });
    ch.trySend(1);
    assert.equal((await lost).key, "ch");
    resolve(undefined);
    await ticks(3);
    assert.deepEqual(trySelect({ late }), { key: "late", value: undefined });
  });
  it("80: a rejection rejects the select that takes it, waiting or not", async () => {
    const err = new Error("x");
    const { promise, reject } = Promise.withResolvers<number>();
    const [waited, kept] = [fromPromise(promise), fromPromise(promise)];
    const other = chan<number>();
    const waiting = select(background, { waited, other });
    reject(err);
    await assert.rejects(waiting, (thrown) => thrown === err);
    assert.equal(other.trySend(1), false);
    assert.throws(
      () => trySelect({ kept }),
      (thrown) => thrown === err,
    );
    await assert.rejects(select(background, { again: fromPromise(promise) }), (thrown) => thrown === err);
  });
  it("takes a foreign thenable", async () => {
    const thenable = {
      then: (resolve: (v: number) => void) => void setImmediate(resolve, 3),
    } as unknown as PromiseLike<number>;
    assert.equal((await select(background, { thenable: fromPromise(thenable) })).value, 3);
  });
});
