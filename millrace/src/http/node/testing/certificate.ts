import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Certificate is a certificate and its key in files of their own. */
export interface Certificate extends Disposable {
  readonly certFile: string;
  readonly keyFile: string;
}

/** openssl says whether certificates can be made here. */
export const openssl: boolean = works();

/** certificate makes a certificate for a name; its files are removed at the end of the block. */
export function certificate(name = "localhost"): Certificate {
  const dir = mkdtempSync(join(tmpdir(), "millrace-tls-"));
  const [certFile, keyFile] = [join(dir, "cert.pem"), join(dir, "key.pem")];
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", keyFile];
  execFileSync("openssl", ["req", "-x509", ...key, "-out", certFile, "-days", "2", "-subj", `/CN=${name}`], {
    stdio: "ignore",
  });
  return { certFile, keyFile, [Symbol.dispose]: () => rmSync(dir, { recursive: true, force: true }) };
}

function works(): boolean {
  try {
    execFileSync("openssl", ["version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}
