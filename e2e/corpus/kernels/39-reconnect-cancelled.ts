import assert from "node:assert/strict";
import { type Environment, type Kernel, calls } from "../kernel.ts";

/** One attempt to connect fails and leaves a timer for the next; the clean-up of another attempt takes it away. */
export const kernel: Kernel = {
  id: 39,
  name: "clean-up cancels another's retry",
  seen: ["socketio/socket.io#3358", "socketio/socket.io-client#836"],
  detectors: ["deadlock", "time"],
  buggy: (k) => scenario(k, new Manager(k)),
  fixed: (k) => scenario(k, new OwnTimersManager(k)),
};

async function scenario(k: Environment, manager: Manager): Promise<void> {
  const later = async (): Promise<void> => {
    await calls(k, 3);
    await manager.open().catch(() => undefined);
  };
  const start = async (): Promise<void> => {
    await calls(k, 2);
    manager.serverUp = true;
  };
  await Promise.all([manager.connected, manager.open().catch(() => undefined), later(), start()]);
  assert.ok(manager.serverUp);
}

class Manager {
  serverUp = false;
  readonly connected: Promise<void>;
  readonly #k: Environment;
  #connect: () => void = () => undefined;
  #retry: NodeJS.Timeout | undefined;

  constructor(k: Environment) {
    this.#k = k;
    this.connected = new Promise((resolve) => (this.#connect = resolve));
  }

  async open(): Promise<void> {
    await this.#k.io();
    this.cleanUp(this.#retry);
    if (this.serverUp) {
      this.#connect();
      return;
    }
    if (this.#retry === undefined) {
      this.#retry = setTimeout(() => {
        this.#retry = undefined;
        this.open().catch(() => undefined);
      }, 10);
    }
    throw new Error("connection refused");
  }

  cleanUp(timer: NodeJS.Timeout | undefined): void {
    clearTimeout(timer);
  }
}

class OwnTimersManager extends Manager {
  override cleanUp(): void {}
}
