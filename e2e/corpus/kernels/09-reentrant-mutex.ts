import assert from "node:assert/strict";
import { Mutex } from "millrace/sync";
import type { Environment, Kernel } from "../kernel.ts";

/** A method that holds the lock calls another that takes it. */
export const kernel: Kernel = {
  id: 9,
  name: "mutex taken twice by one task",
  seen: ["DirtyHairy/async-mutex, measured"],
  detectors: ["deadlock"],
  buggy: (k) => scenario(k, new Account(k)),
  fixed: (k) => scenario(k, new CarefulAccount(k)),
};

async function scenario(k: Environment, account: Account): Promise<void> {
  await Promise.all([account.deposit(30), k.io().then(() => account.deposit(5))]);
  assert.equal(account.balance, 35);
  assert.deepEqual(account.journal, [30, 35]);
}

class Account {
  balance = 0;
  readonly journal: number[] = [];
  readonly k: Environment;
  readonly lock = new Mutex();

  constructor(k: Environment) {
    this.k = k;
  }

  async deposit(amount: number): Promise<void> {
    using _held = await this.lock.lock(this.k.ctx);
    const before = await this.k.io(this.balance);
    this.balance = before + amount;
    await this.write();
  }

  /** write is also called by others, and therefore locks. */
  async write(): Promise<void> {
    using _held = await this.lock.lock(this.k.ctx);
    await this.writeLocked();
  }

  async writeLocked(): Promise<void> {
    await this.k.io();
    this.journal.push(this.balance);
  }
}

class CarefulAccount extends Account {
  override async deposit(amount: number): Promise<void> {
    using _held = await this.lock.lock(this.k.ctx);
    const before = await this.k.io(this.balance);
    this.balance = before + amount;
    await this.writeLocked();
  }
}
