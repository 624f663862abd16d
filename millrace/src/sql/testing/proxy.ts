import { once } from "node:events";
import net from "node:net";

/** Proxy stands between a client and a server and breaks their connection on demand. */
export interface Proxy extends AsyncDisposable {
  readonly port: number;
  /** cutWhen cuts a connection when the client has sent this text: before it is passed on, or after. */
  cutWhen(text: string, when: "before" | "after"): void;
  /** hold passes nothing of the server's answers on, until it is undone. */
  hold(on: boolean): void;
  /** refuse cuts every connection and takes no new ones, until it is undone. */
  refuse(on: boolean): void;
}

/** proxyTo starts a proxy on 127.0.0.1 for the server of a URL. */
export async function proxyTo(url: string): Promise<Proxy> {
  const target = new URL(url);
  const live = new Set<net.Socket>();
  let cut: { text: string; when: "before" | "after" } | undefined;
  let held = false;
  let refusing = false;
  const server = net.createServer((client) => {
    if (refusing) {
      client.destroy();
      return;
    }
    const up = net.connect({ host: target.hostname, port: Number(target.port || 5432) });
    for (const socket of [client, up]) {
      live.add(socket);
      socket.on("error", () => undefined);
      socket.on("close", () => {
        live.delete(socket);
        client.destroy();
        up.destroy();
      });
    }
    let broken = false;
    client.on("data", (chunk) => {
      if (cut === undefined || !chunk.includes(cut.text)) {
        up.write(chunk);
        return;
      }
      broken = true;
      const { when } = cut;
      cut = undefined;
      // "after": the server has done it by the time it answers.
      if (when === "after") up.write(chunk);
      else client.destroy();
    });
    up.on("data", (chunk) => {
      if (broken) client.destroy();
      else if (!held) client.write(chunk);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const close = (): void => {
    for (const socket of live) socket.destroy();
  };
  return {
    port: (server.address() as net.AddressInfo).port,
    cutWhen: (text, when) => {
      cut = { text, when };
    },
    hold: (on) => {
      held = on;
    },
    refuse: (on) => {
      refusing = on;
      if (on) close();
    },
    [Symbol.asyncDispose]: async () => {
      close();
      server.close();
      await once(server, "close");
    },
  };
}
