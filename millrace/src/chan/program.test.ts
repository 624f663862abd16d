import assert from "node:assert/strict";
import { test } from "node:test";
import { background, withCancel, withTimeout } from "../context/index.ts";
import { after, chan, select, ticker } from "./index.ts";

test("106: a program of channels makes no AbortController", async () => {
  const Native = globalThis.AbortController;
  let made = 0;
  globalThis.AbortController = class extends Native {
    constructor() {
      super();
      made++;
    }
  };
  try {
    using ctx = withTimeout(withCancel(background), 60_000);
    const ch = chan<number>();
    using tick = ticker(1);
    const got = ch.recv(ctx);
    await ch.send(ctx, 1);
    await got;
    await select(ctx, { ch, tick, late: after(60_000), stop: ctx.done });
    ctx.cancel();
    await ch.recv(ctx).catch(() => {});
    assert.equal(made, 0);
  } finally {
    globalThis.AbortController = Native;
  }
});
