import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { background } from "../../context/index.ts";
import { newClient } from "./index.ts";

const found = spawnSync("openssl", ["version"]).status === 0;

function certificate(): { readonly cert: string; readonly key: string } {
  const dir = mkdtempSync(join(tmpdir(), "millrace-client-"));
  try {
    const [cert, key] = [join(dir, "cert.pem"), join(dir, "key.pem")];
    const curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", key];
    const name = ["-subj", "/CN=pay.internal", "-addext", "subjectAltName=DNS:pay.internal"];
    const made = spawnSync("openssl", ["req", "-x509", ...curve, "-out", cert, "-days", "2", ...name]);
    assert.equal(made.status, 0, String(made.stderr));
    return { cert: readFileSync(cert, "utf8"), key: readFileSync(key, "utf8") };
  } finally {
    rmSync(dir, { recursive: true });
  }
}

test("TLS", { skip: found ? false : "needs openssl: apt-get install openssl" }, async (t) => {
  const { cert, key } = certificate();
  const server = createServer({ cert, key }, (req, res) => {
    res.end(`${req.headers.host} ${"servername" in req.socket ? String(req.socket.servername) : ""}`);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as { port: number };
  const target = { url: `https://127.0.0.1:${port}`, host: `pay.internal:${port}` };

  await t.test("an address that is called by a name, which its certificate has", async () => {
    await using client = newClient({ resolver: () => [target], tls: { ca: cert } });
    const answer = await client.fetch(background, "/");
    assert.equal(await answer.text(), `pay.internal:${port} pay.internal`);
  });

  const refused = [
    { name: "a certificate that nobody knows", target, tls: {} },
    { name: "a certificate of another name", target: { ...target, host: "other.internal" }, tls: { ca: cert } },
  ];
  for (const { name, target, tls } of refused) {
    await t.test(`${name} is refused, and nothing is sent`, async () => {
      await using client = newClient({ resolver: () => [target], tls, retry: false });
      await assert.rejects(client.fetch(background, "/"), { code: "unavailable", reason: "http/connect_failed" });
    });
  }
});
