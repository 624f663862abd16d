import { type Environment, type Kernel, calls } from "../kernel.ts";

/** A flag is looked at, something else is done, and then the wait for it begins: the signal came in between. */
export const kernel: Kernel = {
  id: 28,
  name: "flag checked, then wait",
  seen: ["the classic (lost wake-up)"],
  detectors: ["deadlock"],
  buggy: (k) =>
    scenario(k, async (server) => {
      if (server.ready) return;
      await k.io("log: not ready yet");
      await server.whenReady();
    }),
  fixed: (k) =>
    scenario(k, async (server) => {
      if (server.ready) return;
      await k.io("log: not ready yet");
      if (!server.ready) await server.whenReady();
    }),
};

async function scenario(k: Environment, wait: (server: Server) => Promise<void>): Promise<void> {
  const server = new Server();
  const start = async (): Promise<void> => {
    await calls(k, 3);
    server.start();
  };
  await Promise.all([wait(server), start()]);
}

class Server {
  ready = false;
  readonly #waiting: (() => void)[] = [];

  whenReady(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  start(): void {
    this.ready = true;
    for (const wake of this.#waiting.splice(0)) wake();
  }
}
