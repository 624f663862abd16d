import assert from "node:assert/strict";
import { type Environment, type Kernel, calls } from "../kernel.ts";

/** Two calls are begun, and awaited one after the other: if the second fails first, nobody handles it yet. */
export const kernel: Kernel = {
  id: 22,
  name: "rejection before its handler",
  seen: ["nodejs/node#35150"],
  detectors: ["explore"],
  buggy: (k) =>
    scenario(async () => {
      const user = loadUser(k);
      const orders = loadOrders(k);
      return [await user, await orders];
    }),
  fixed: (k) => scenario(() => Promise.all([loadUser(k), loadOrders(k)])),
};

async function scenario(page: () => Promise<unknown[]>): Promise<void> {
  let answer = "200";
  try {
    await page();
  } catch {
    answer = "503";
  }
  assert.equal(answer, "503");
}

async function loadUser(k: Environment): Promise<string> {
  return k.io("user");
}

async function loadOrders(k: Environment): Promise<string[]> {
  await calls(k, 4);
  throw new Error("the order service is down");
}
