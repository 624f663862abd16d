import { once } from "node:events";
import net from "node:net";

/** Proxy stands between a client and a server and breaks their connection on demand. */
export interface Proxy extends AsyncDisposable {
  readonly port: number;
  /** cutWhen cuts a connection when the client has sent this text: before it is passed on, or after; by a reset if so. */
  cutWhen(text: string, when: "before" | "after", how?: "close" | "reset"): void;
  /** hold passes nothing of the server's answers on, until it is undone; they are lost. */
  hold(on: boolean): void;
  /** stall keeps what goes in one direction, and passes it on in order when it is undone. */
  stall(way: Way | undefined): void;
  /** holdCancels keeps cancel requests with their connections open, and passes them on when it is undone. */
  holdCancels(on: boolean): void;
  /** heldCancels is how many of those there are. */
  readonly heldCancels: number;
  /** refuse cuts every connection and takes no new ones, until it is undone. */
  refuse(on: boolean): void;
  /** refuseNew takes no new connections, until it is undone. */
  refuseNew(on: boolean): void;
}

/** Way is a direction. */
export type Way = "to server" | "to client";

const CANCEL_REQUEST = 80877102;

/** via is a URL that leads through a proxy. */
export function via(proxy: Proxy, url: string): string {
  const through = new URL(url);
  through.hostname = "127.0.0.1";
  through.port = String(proxy.port);
  return through.href;
}

/** proxyTo starts a proxy on 127.0.0.1 for the server of a URL. */
export async function proxyTo(url: string): Promise<Proxy> {
  const target = new URL(url);
  const live = new Set<net.Socket>();
  let cut: { text: string; when: "before" | "after"; how: "close" | "reset" } | undefined;
  let held = false;
  let refusing = false;
  let stalled: Way | undefined;
  const kept: (() => void)[] = [];
  let cancels: (() => void)[] | undefined;
  const pass = (way: Way, what: () => void): void => {
    if (stalled === way) kept.push(what);
    else what();
  };
  const server = net.createServer((client) => {
    if (refusing) {
      client.on("error", () => undefined);
      client.resetAndDestroy();
      return;
    }
    const up = net.connect({ host: target.hostname, port: Number(target.port || 5432) });
    for (const [socket, way, other] of [
      [client, "to server", up],
      [up, "to client", client],
    ] as const) {
      live.add(socket);
      socket.on("error", () => undefined);
      socket.on("close", () => {
        live.delete(socket);
        pass(way, () => other.destroySoon());
      });
    }
    let broken: "close" | "reset" | undefined;
    const end = (how: "close" | "reset"): void => void (how === "reset" ? client.resetAndDestroy() : client.destroy());
    let first = true;
    client.on("data", (chunk: Buffer) => {
      const isCancel = first && chunk.length >= 8 && chunk.readInt32BE(4) === CANCEL_REQUEST;
      first = false;
      if (isCancel && cancels !== undefined) {
        cancels.push(() => up.write(chunk));
        return;
      }
      if (cut === undefined || !chunk.includes(cut.text)) {
        pass("to server", () => up.write(chunk));
        return;
      }
      const { when, how } = cut;
      broken = how;
      cut = undefined;
      // "after": the server has done it by the time it answers.
      if (when === "after") up.write(chunk);
      else end(how);
    });
    up.on("data", (chunk: Buffer) => {
      if (broken !== undefined) end(broken);
      else if (!held) pass("to client", () => client.write(chunk));
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const close = (): void => {
    for (const socket of live) socket.destroy();
  };
  return {
    port: (server.address() as net.AddressInfo).port,
    cutWhen: (text, when, how = "close") => {
      cut = { text, when, how };
    },
    hold: (on) => {
      held = on;
    },
    stall: (way) => {
      stalled = way;
      for (const what of kept.splice(0)) what();
    },
    holdCancels: (on) => {
      for (const send of cancels ?? []) send();
      cancels = on ? [] : undefined;
    },
    get heldCancels() {
      return cancels?.length ?? 0;
    },
    refuse: (on) => {
      refusing = on;
      if (on) close();
    },
    refuseNew: (on) => {
      refusing = on;
    },
    [Symbol.asyncDispose]: async () => {
      close();
      server.close();
      await once(server, "close");
    },
  };
}
