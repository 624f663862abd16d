import assert from "node:assert/strict";
import { test } from "node:test";
import { explore } from "../explore/explore.ts";
import { both, hop, hops } from "./testing/litmus/program.ts";
import { tracked } from "./tracked.ts";

interface Account {
  balance: number;
}

const account = (): Account => tracked({ balance: 100 }, "account");

/** strict is what is reported only in strict mode. */
const strict: readonly { kind: string; program: () => Promise<unknown> }[] = [
  {
    kind: "unordered write",
    program: async () => {
      const x = account();
      await both(async () => (x.balance = 1));
    },
  },
  {
    kind: "unordered read",
    program: async () => {
      const x = account();
      await both(
        async () => (x.balance = 1),
        async () => x.balance,
      );
    },
  },
  {
    kind: "inconsistent read",
    program: async () => {
      const x = account();
      await both(
        async () => {
          const { balance } = x;
          await hops(4);
          return x.balance - balance;
        },
        async () => {
          await hop();
          x.balance = 1;
        },
      );
    },
  },
  {
    kind: "dirty read",
    program: async () => {
      const x = account();
      await both(
        async () => {
          x.balance = 1;
          await hops(4);
          x.balance = 2;
        },
        async () => {
          await hop();
          return x.balance;
        },
      );
    },
  },
];

for (const { kind, program } of strict) {
  test(`243: ${kind}: only in strict mode`, async () => {
    await explore(program, { runs: 20 });
    await assert.rejects(explore(program, { runs: 1, races: "strict" }), {
      message: new RegExp(`race: .*${kind} of account\\.balance`, "s"),
    });
  });
}

test("242: two n++ are no race in strict mode either, and a read of n is one", async () => {
  const both2 = async (other: (x: Account) => unknown): Promise<void> => {
    const x = account();
    await both(
      async () => x.balance++,
      async () => other(x),
    );
  };
  await explore(async () => await both2((x) => (x.balance += 2)), { runs: 20, races: "strict" });
  await assert.rejects(
    explore(async () => await both2((x) => x.balance), { runs: 1, races: "strict" }),
    {
      kind: "race",
    },
  );
});
