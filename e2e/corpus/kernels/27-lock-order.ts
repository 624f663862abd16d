import assert from "node:assert/strict";
import { Mutex } from "millrace/sync";
import { type Environment, type Kernel, calls } from "../kernel.ts";

/** A transfer locks its source and then its target; one in the other direction locks them the other way round. */
export const kernel: Kernel = {
  id: 27,
  name: "two locks in two orders",
  seen: ["the classic"],
  detectors: ["deadlock"],
  buggy: (k) => scenario(k, (from, to) => [from, to]),
  fixed: (k) => scenario(k, (from, to) => (from.id < to.id ? [from, to] : [to, from])),
};

type Order = (from: Account, to: Account) => [Account, Account];

async function scenario(k: Environment, order: Order): Promise<void> {
  const anna = new Account(1);
  const ben = new Account(2);
  const transfer = async (from: Account, to: Account, amount: number, before: number): Promise<void> => {
    await calls(k, before);
    const [first, second] = order(from, to);
    using _first = await first.lock.lock(k.ctx);
    await k.io("check the limits");
    using _second = await second.lock.lock(k.ctx);
    from.balance -= amount;
    await k.io();
    to.balance += amount;
  };
  await Promise.all([transfer(anna, ben, 10, 0), transfer(ben, anna, 5, 8)]);
  assert.deepEqual([anna.balance, ben.balance], [95, 105]);
}

class Account {
  balance = 100;
  readonly id: number;
  readonly lock = new Mutex();

  constructor(id: number) {
    this.id = id;
  }
}
