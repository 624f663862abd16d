import assert from "node:assert/strict";
import type { Environment, Kernel } from "../kernel.ts";

/**
 * A client renews its token by a timer and after a 401. A refresh token counts once: who comes second with it is taken
 * for a thief, and the user is logged out.
 */
export const kernel: Kernel = {
  id: 4,
  name: "token refreshed twice",
  seen: ["axios/axios#10701", "workos/authkit-nextjs#28"],
  detectors: ["explore", "time"],
  buggy: (k) => scenario(k, new Session(new Server(k))),
  fixed: (k) => scenario(k, new SharedSession(new Server(k))),
};

interface Tokens {
  readonly expiresAt: number;
  readonly refresh: number;
}

async function scenario(k: Environment, session: Session): Promise<void> {
  const timer = setTimeout(() => {
    session.renew().catch(() => (session.loggedOut = true));
  }, 40);
  // By the server's clock, which is ahead, the token has just expired when the request comes.
  await k.sleep(15);
  await k.sleep(25);
  const status = await session.request().catch(() => 0);
  clearTimeout(timer);
  await k.sleep(20);
  assert.equal(session.loggedOut, false, "logged out");
  assert.equal(status, 200, "the request failed");
}

class Server {
  readonly #k: Environment;
  readonly first: Tokens = { expiresAt: Date.now() + 40, refresh: 0 };
  #refresh = 0;

  constructor(k: Environment) {
    this.#k = k;
  }

  async call(tokens: Tokens): Promise<number> {
    await this.#k.io();
    return Date.now() < tokens.expiresAt ? 200 : 401;
  }

  async refresh(tokens: Tokens): Promise<Tokens> {
    await this.#k.io();
    if (tokens.refresh !== this.#refresh) throw new Error("this refresh token was used before");
    return { expiresAt: Date.now() + 10_000, refresh: ++this.#refresh };
  }
}

class Session {
  loggedOut = false;
  readonly #server: Server;
  #tokens: Tokens;

  constructor(server: Server) {
    this.#server = server;
    this.#tokens = server.first;
  }

  async request(): Promise<number> {
    const status = await this.#server.call(this.#tokens);
    if (status !== 401) return status;
    await this.renew();
    return this.#server.call(this.#tokens);
  }

  async renew(): Promise<void> {
    this.#tokens = await this.#server.refresh(this.#tokens);
  }
}

class SharedSession extends Session {
  #renewing: Promise<void> | undefined;

  override renew(): Promise<void> {
    return (this.#renewing ??= this.#renew());
  }

  async #renew(): Promise<void> {
    try {
      await super.renew();
    } finally {
      this.#renewing = undefined;
    }
  }
}
