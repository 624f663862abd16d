import { readFile } from "node:fs/promises";
import net from "node:net";
import tls from "node:tls";
import { badUrl, oneOf } from "./servers.ts";

/** TlsFiles are certificates that are given instead of files that the url names. */
export interface TlsFiles {
  /** ca is what the server's certificate is checked against, PEM. Default: what Node trusts. */
  readonly ca?: string | Buffer;
  /** cert and key are the client's own, PEM. */
  readonly cert?: string | Buffer;
  readonly key?: string | Buffer;
}

const MODES = ["disable", "prefer", "require", "verify-ca", "verify-full"] as const;

/** TlsMode is libpq's sslmode. */
export type TlsMode = (typeof MODES)[number];

/** Tls says how the connections of one driver are encrypted. @internal */
export interface Tls {
  readonly mode: TlsMode;
  /** direct says that TLS starts without asking the server first. */
  readonly direct: boolean;
  /** options are read anew for each connection, so that a certificate can be replaced. */
  options(): Promise<tls.ConnectionOptions>;
}

/**
 * tlsOf reads sslmode and its company as libpq does: prefer and require encrypt and trust anybody, verify-ca trusts the
 * certificates of the given authority, verify-full its name too. With sslrootcert, require is verify-ca. Without an
 * sslmode it is PGSSLMODE, else prefer. node-postgres' ssl=true is verify-full, its no-verify is require.
 * Source: https://www.postgresql.org/docs/current/libpq-ssl.html#LIBPQ-SSL-PROTECTION
 * @internal
 */
export function tlsOf(parameters: ReadonlyMap<string, string>, files: TlsFiles = {}): Tls {
  const said = parameters.get("sslmode") ?? modeOfSsl(parameters.get("ssl")) ?? process.env["PGSSLMODE"] ?? "prefer";
  const asked = oneOf("sslmode", said === "no-verify" ? "require" : said, MODES);
  const given = files.ca !== undefined || parameters.has("sslrootcert");
  const mode = asked === "require" && given ? "verify-ca" : asked;
  if (mode === "verify-ca" && !given)
    throw badUrl("sslmode=verify-ca needs sslrootcert: anybody has a certificate of a public authority");
  const direct =
    oneOf("sslnegotiation", parameters.get("sslnegotiation") ?? "postgres", ["postgres", "direct"]) === "direct";
  if (direct && (mode === "disable" || mode === "prefer"))
    throw badUrl("sslnegotiation=direct needs sslmode=require or stronger");
  const checks = mode === "verify-ca" || mode === "verify-full";
  return {
    mode,
    direct,
    async options() {
      const [ca, cert, key] = await Promise.all([
        files.ca ?? read(parameters, "sslrootcert"),
        files.cert ?? read(parameters, "sslcert"),
        files.key ?? read(parameters, "sslkey"),
      ]);
      return {
        ...(ca === undefined ? {} : { ca }),
        ...(cert === undefined ? {} : { cert }),
        ...(key === undefined ? {} : { key }),
        ...(direct ? { ALPNProtocols: ["postgresql"] } : {}),
        rejectUnauthorized: checks,
        // Whose certificate it is does not matter then.
        ...(mode === "verify-full" ? {} : { checkServerIdentity: () => undefined }),
      };
    },
  };
}

/** secure makes a socket a TLS socket for a host; the promise rejects with the reason that the handshake failed for. @internal */
export async function secure(socket: net.Socket, host: string, options: tls.ConnectionOptions): Promise<tls.TLSSocket> {
  return await new Promise((resolve, reject) => {
    // RFC 6066, section 3: no address as a server name.
    const servername = net.isIP(host) === 0 ? { servername: host } : {};
    const stream = tls.connect({ ...options, ...servername, socket, host });
    const fail = (err: Error): void => reject(err);
    const hungUp = (): void => reject(new Error("the server hung up"));
    stream.once("error", fail);
    stream.once("close", hungUp);
    stream.once("secureConnect", () => {
      stream.off("error", fail).off("close", hungUp);
      resolve(stream);
    });
  });
}

function modeOfSsl(ssl: string | undefined): string | undefined {
  if (ssl === undefined) return undefined;
  return ssl === "0" || ssl === "false" ? "disable" : ssl === "1" || ssl === "true" ? "verify-full" : ssl;
}

async function read(parameters: ReadonlyMap<string, string>, name: string): Promise<Buffer | undefined> {
  const path = parameters.get(name);
  // libpq's word for what the machine trusts.
  if (path === undefined || path === "system") return undefined;
  try {
    return await readFile(path);
  } catch (err) {
    throw new Error(`${name}: ${err instanceof Error ? err.message : String(err)}`, { cause: err });
  }
}
