import assert from "node:assert/strict";
import { type Environment, type Kernel, calls } from "../kernel.ts";

/**
 * A lock was given back and says for a little longer that it is held: somebody who gave up waiting is handed it, and
 * passes it on. Who only looks whether it is free is told the wrong thing, and skips the last save.
 */
export const kernel: Kernel = {
  id: 30,
  name: "state lags behind the release",
  seen: ["DirtyHairy/async-mutex#54", "DirtyHairy/async-mutex#52", "mgtitimoli/await-mutex#1"],
  detectors: ["explore"],
  buggy: (k) => scenario(k, (lock, ticket) => void ticket.promise.then(() => lock.release())),
  fixed: (k) => scenario(k, (lock, ticket) => lock.forget(ticket)),
};

type GiveUp = (lock: Lock, ticket: Ticket) => void;

async function scenario(k: Environment, giveUp: GiveUp): Promise<void> {
  const lock = new Lock();
  let hopeful = 0;
  const save = async (): Promise<void> => {
    lock.enter();
    await calls(k, 2);
    lock.release();
    if (hopeful === 0) assert.equal(lock.locked, false, "nobody holds the lock, and nobody waits for it");
  };
  const impatient = async (): Promise<void> => {
    if (!lock.locked) return;
    hopeful++;
    const ticket = lock.queue();
    const timeout = calls(k, 5).then(() => false);
    const taken = await Promise.race([ticket.promise.then(() => true), timeout]);
    hopeful--;
    if (taken || ticket.called) lock.release();
    else giveUp(lock, ticket);
  };
  await Promise.all([save(), impatient()]);
}

class Ticket {
  called = false;
  call: () => void = () => undefined;
  readonly promise: Promise<void> = new Promise((resolve) => {
    this.call = () => {
      this.called = true;
      resolve();
    };
  });
}

class Lock {
  locked = false;
  readonly #tickets: Ticket[] = [];

  enter(): void {
    assert.equal(this.locked, false);
    this.locked = true;
  }

  queue(): Ticket {
    const ticket = new Ticket();
    this.#tickets.push(ticket);
    return ticket;
  }

  forget(ticket: Ticket): void {
    this.#tickets.splice(this.#tickets.indexOf(ticket), 1);
  }

  release(): void {
    const next = this.#tickets.shift();
    if (next === undefined) this.locked = false;
    else next.call();
  }
}
