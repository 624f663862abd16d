import assert from "node:assert/strict";
import { inspect } from "node:util";
import { describe, test } from "node:test";
import {
  type Ctx,
  background,
  ctxKey,
  fromSignal,
  todo,
  withCancel,
  withTimeout,
  withValue,
  withoutCancel,
} from "./index.ts";

describe("printing", () => {
  const key = ctxKey<string>("user");
  const cases: { name: string; ctx: () => Ctx; want: RegExp }[] = [
    { name: "background", ctx: () => background, want: /^background$/ },
    { name: "todo", ctx: () => todo, want: /^todo$/ },
    { name: "withCancel", ctx: () => withCancel(background), want: /^background\.withCancel$/ },
    { name: "withValue, not the value", ctx: () => withValue(todo, key, "hush"), want: /^todo\.withValue\(user\)$/ },
    { name: "withoutCancel", ctx: () => withoutCancel(withCancel(todo)), want: /^todo\.withCancel\.withoutCancel$/ },
    { name: "fromSignal", ctx: () => fromSignal(todo, AbortSignal.abort()), want: /^todo\.withCancel$/ },
    {
      name: "withTimeout, with what is left",
      ctx: () => withTimeout(background, 60_000),
      want: /^background\.withDeadline\((60000|59\d\d\d) ms left\)$/,
    },
    {
      name: "a timeout that changes nothing is a withCancel",
      ctx: () => withTimeout(withTimeout(background, -1), 60_000),
      want: /^background\.withDeadline\(0 ms left\)\.withCancel$/,
    },
  ];
  for (const { name, ctx, want } of cases) {
    test(`82: ${name}`, () => {
      const made = ctx();
      assert.match(String(made), want);
      assert.match(inspect({ made }), /^\{ made: (background|todo)/);
      if ("cancel" in made) (made as { cancel(): void }).cancel();
    });
  }

  test("a chain of 100,000 is printed", () => {
    let ctx: Ctx = background;
    for (let i = 0; i < 100_000; i++) ctx = withValue(ctx, key, "");
    assert.equal(String(ctx).length, "background".length + 100_000 * ".withValue(user)".length);
  });
});
