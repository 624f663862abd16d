import { readFileSync, statSync } from "node:fs";
import type { SecureContextOptions } from "node:tls";
import { Failure } from "../../errors/index.ts";

/** TlsOptions are a server's certificate and key, in PEM: as text, or as files, which are read again when they change. */
export type TlsOptions = TlsTexts | TlsFiles;

/** TlsTexts are a certificate and key as text. */
export interface TlsTexts extends TlsVersion {
  /** cert is the certificate with its chain. */
  readonly cert: string | Buffer;
  readonly key: string | Buffer;
}

/** TlsFiles are a certificate and key in files. */
export interface TlsFiles extends TlsVersion {
  /** certFile is where the certificate with its chain is. */
  readonly certFile: string;
  readonly keyFile: string;
  /**
   * watchMs is how often the files are looked at, in milliseconds; 0 is never. New connections get the new certificate,
   * those that are open stay. Files that do not fit are logged, and the last certificate stays. Default: 10 s.
   */
  readonly watchMs?: number;
}

/** TlsVersion is the oldest version of TLS that is spoken. */
export interface TlsVersion {
  /** minVersion is the oldest version. Default: "TLSv1.2". Source: RFC 8996. */
  readonly minVersion?: "TLSv1.2" | "TLSv1.3";
}

const WATCH_MS = 10_000;

/** TlsSource gives a server its certificate, again and again. */
export class TlsSource {
  readonly #options: TlsOptions;
  #stamp = "";

  constructor(options: TlsOptions) {
    this.#options = options;
  }

  /** watchMs is how often changed() is to be asked, 0 for never. */
  get watchMs(): number {
    return "certFile" in this.#options ? (this.#options.watchMs ?? WATCH_MS) : 0;
  }

  /** read gives certificate and key; files are read. Throws "http/tls" if they cannot be. */
  read(): SecureContextOptions {
    const options = this.#options;
    const minVersion = options.minVersion ?? "TLSv1.2";
    if (!("certFile" in options)) return { cert: options.cert, key: options.key, minVersion };
    try {
      this.#stamp = this.#look();
      return { cert: readFileSync(options.certFile), key: readFileSync(options.keyFile), minVersion };
    } catch (cause) {
      throw tlsFailure(cause);
    }
  }

  /** changed says whether the files are others than those that were read. One that is missing for a moment is not. */
  changed(): boolean {
    try {
      return this.#look() !== this.#stamp;
    } catch {
      return false;
    }
  }

  // Also a link that leads elsewhere is another file.
  #look(): string {
    if (!("certFile" in this.#options)) return "";
    const files = [this.#options.certFile, this.#options.keyFile].map((file) => statSync(file));
    return files.map(({ ino, size, mtimeMs }) => `${ino} ${size} ${mtimeMs}`).join();
  }
}

/** tlsFailure is what a certificate or a key that cannot be used is reported as. */
export function tlsFailure(cause: unknown): Failure {
  return new Failure("http: tls: the certificate cannot be used", {
    code: "failed_precondition",
    reason: "http/tls",
    cause,
  });
}
