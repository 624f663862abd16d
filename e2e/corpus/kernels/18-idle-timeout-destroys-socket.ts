import type { Environment, Kernel } from "../kernel.ts";

/** An agent keeps sockets alive for some time; the timer of one that was just handed out still runs. */
export const kernel: Kernel = {
  id: 18,
  name: "idle timeout destroys a socket in use",
  seen: ["node-modules/agentkeepalive#23", "node-modules/agentkeepalive#57", "nodejs/node#52649", "Node.fz AKA"],
  detectors: ["explore", "time"],
  buggy: (k) => scenario(k, new Agent(k)),
  fixed: (k) => scenario(k, new PromptAgent(k)),
};

async function scenario(k: Environment, agent: Agent): Promise<void> {
  await agent.request();
  await k.sleep(10);
  await k.sleep(20);
  await agent.request();
  agent.close();
}

class Socket {
  destroyed = false;
  idle: NodeJS.Timeout | undefined;
  readonly #k: Environment;

  constructor(k: Environment) {
    this.#k = k;
  }

  async exchange(): Promise<void> {
    await this.#k.io();
    if (this.destroyed) throw new Error("socket hang up");
  }
}

class Agent {
  readonly #k: Environment;
  readonly #free: Socket[] = [];

  constructor(k: Environment) {
    this.#k = k;
  }

  async request(): Promise<void> {
    const socket = this.take() ?? new Socket(this.#k);
    await this.#k.io("the request's headers");
    clearTimeout(socket.idle);
    await socket.exchange();
    this.#keep(socket);
  }

  take(): Socket | undefined {
    return this.#free.pop();
  }

  close(): void {
    for (const socket of this.#free) clearTimeout(socket.idle);
  }

  #keep(socket: Socket): void {
    this.#free.push(socket);
    socket.idle = setTimeout(() => {
      const place = this.#free.indexOf(socket);
      if (place >= 0) this.#free.splice(place, 1);
      socket.destroyed = true;
    }, 30);
  }
}

class PromptAgent extends Agent {
  override take(): Socket | undefined {
    const socket = super.take();
    clearTimeout(socket?.idle);
    return socket;
  }
}
