import assert from "node:assert/strict";
import { once } from "node:events";
import { copyFileSync, writeFileSync } from "node:fs";
import { Agent, get } from "node:https";
import { describe, test } from "node:test";
import { type ConnectionOptions, type TLSSocket, connect } from "node:tls";
import { background, sleep, withTimeout } from "../../context/index.ts";
import { text } from "../reply.ts";
import { listen } from "./listen.ts";
import type { Server } from "./server.ts";
import { certificate, openssl } from "./testing/certificate.ts";
import { Http2Client } from "./testing/http2-client.ts";
import { rawClient } from "./testing/raw-client.ts";
import { signal, within } from "./testing/setup.ts";
import type { TlsOptions } from "./tls.ts";

const skip = openssl ? false : "needs openssl: apt-get install openssl";

async function serveTls(tls: TlsOptions, logged: string[] = []): Promise<Server> {
  const log = { error: (_: unknown, message: string) => void logged.push(message) };
  const limits = { idleGraceMs: 50, headersTimeoutMs: 500, checkIntervalMs: 100 };
  return await listen(background, { addr: "127.0.0.1:0", tls, log, ...limits, handler: () => text("ok") });
}

async function shake(server: Server, options: ConnectionOptions = {}): Promise<TLSSocket> {
  const port = Number(server.addr.split(":")[1]);
  const socket = connect({ host: "127.0.0.1", port, rejectUnauthorized: false, ...options });
  await once(socket, "secureConnect");
  return socket;
}

function ask(url: string, agent: Agent): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  get(url, { agent }, (res) => {
    let body = "";
    res.on("data", (chunk: Buffer) => (body += chunk.toString()));
    res.on("end", () => resolve(body));
  }).on("error", reject);
  return promise;
}

describe("TLS", { skip }, () => {
  test("HTTP/1.1 and HTTP/2 by what the client asks for", async () => {
    using files = certificate();
    await using server = await serveTls(files);
    assert.match(server.url, /^https:/);
    const agent = new Agent({ rejectUnauthorized: false, keepAlive: true });
    assert.equal(await ask(server.url, agent), "ok");
    agent.destroy();
    using client = new Http2Client(server.url);
    assert.equal((await client.ask("/")).body, "ok");
    for (const [offer, want] of [
      [["h2", "http/1.1"], "h2"],
      [["http/1.1"], "http/1.1"],
    ] as const) {
      const socket = await shake(server, { ALPNProtocols: [...offer] });
      assert.equal(socket.alpnProtocol, want);
      socket.destroy();
    }
  });

  test("TLS 1.2 is the oldest, by default, and can be 1.3", async () => {
    using files = certificate();
    for (const [minVersion, maxVersion, works] of [
      ["TLSv1.2", "TLSv1.2", true],
      ["TLSv1.2", "TLSv1.1", false],
      ["TLSv1.3", "TLSv1.2", false],
    ] as const) {
      await using server = await serveTls({ ...files, minVersion });
      const old = { minVersion: "TLSv1" as const, maxVersion, ciphers: "ALL:@SECLEVEL=0" };
      const shaken = shake(server, old).then((socket) => socket.destroy());
      if (works) await shaken;
      else await assert.rejects(shaken);
    }
  });

  test("who does not shake hands, or speaks plainly, is cut", async () => {
    using files = certificate();
    await using server = await serveTls(files);
    using silent = await rawClient(server.addr);
    using plain = await rawClient(server.addr);
    plain.send("GET / HTTP/1.1\r\nhost: x\r\n\r\n");
    assert.doesNotMatch(await plain.end(2000), /HTTP/);
    assert.equal(await silent.end(3000), "");
  });

  test("a certificate that is no certificate, or of another key, is a failure at the start", async () => {
    using one = certificate();
    using other = certificate();
    for (const tls of [
      { certFile: one.certFile, keyFile: other.keyFile },
      { certFile: one.certFile, keyFile: `${one.keyFile}.none` },
      { cert: "hello", key: "world" },
    ]) {
      await assert.rejects(serveTls(tls), { reason: "http/tls" });
    }
  });

  test("a new certificate is for new connections; those that are open stay", async () => {
    using files = certificate("one.example");
    using next = certificate("two.example");
    const logged: string[] = [];
    await using server = await serveTls({ ...files, watchMs: 50 }, logged);
    const open = await shake(server);
    const name = async (): Promise<unknown> => {
      const socket = await shake(server);
      const { CN } = socket.getPeerCertificate().subject;
      socket.destroy();
      return CN;
    };
    assert.equal(await name(), "one.example");
    // First half of it: what does not fit is logged, and the last one stays.
    copyFileSync(next.certFile, files.certFile);
    await within(
      5000,
      until(() => logged.length > 0),
    );
    assert.equal(await name(), "one.example");
    copyFileSync(next.keyFile, files.keyFile);
    await within(
      5000,
      until(async () => (await name()) === "two.example"),
    );
    open.write("GET / HTTP/1.1\r\nhost: x\r\n\r\n");
    const [answer] = (await once(open, "data")) as [Buffer];
    assert.match(answer.toString(), /200 OK[^]*ok$/);
    open.destroy();
    writeFileSync(files.keyFile, "no key");
    assert.throws(() => server.reloadTls(), { reason: "http/tls" });
    assert.equal(await name(), "two.example");
  });

  test("a shutdown loses no request, and does not wait for handshakes that stall", async () => {
    using files = certificate();
    const begun = signal();
    const release = signal();
    const server = await listen(background, {
      addr: "127.0.0.1:0",
      tls: files,
      idleGraceMs: 50,
      handler: async () => {
        begun.fire();
        await release.promise;
        return text("ok");
      },
    });
    using _stalled = await rawClient(server.addr);
    const agent = new Agent({ rejectUnauthorized: false });
    const answer = ask(server.url, agent);
    await begun.promise;
    using ctx = withTimeout(background, 5000);
    const done = server.shutdown(ctx);
    release.fire();
    assert.equal(await answer, "ok");
    assert.deepEqual(await within(4000, done), { forced: 0, unsettled: 0 });
  });
});

async function until(done: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await done())) await sleep(background, 25);
}
