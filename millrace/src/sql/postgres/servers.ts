import { Failure } from "../../errors/index.ts";

/** Server is one host of a url, with the url that names it alone, for pg. @internal */
export interface Server {
  readonly host: string;
  readonly port: number;
  /** where names it in messages: host:port/database. */
  readonly where: string;
  readonly url: string;
}

/** Servers is what a url says of where to connect. @internal */
export interface Servers {
  readonly list: readonly Server[];
  /** parameters are those of the url that pg is not to see: which server, and TLS. */
  readonly parameters: ReadonlyMap<string, string>;
}

const OURS: ReadonlySet<string> = new Set(
  "host port target_session_attrs load_balance_hosts connect_timeout"
    .split(" ")
    .concat("ssl sslmode sslrootcert sslcert sslkey sslnegotiation uselibpqcompat".split(" ")),
);

const URL_PARTS = /^(postgres(?:ql)?:\/\/)(?:([^/?#]*)@)?([^/?#@]*)(\/[^?#]*)?(?:\?([^#]*))?$/;

/**
 * parseServers reads postgres://user:password@h1:5432,h2:5433/database?host=…&…; hosts and ports may be lists, and one port
 * serves for all. Without a host it is PGHOST, else localhost. Bad urls are refused without being repeated.
 * Source: https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-MULTIPLE-HOSTS
 * @internal
 */
export function parseServers(url: string, hosts: readonly string[] | undefined): Servers {
  const m = URL_PARTS.exec(url);
  if (m === null) throw badUrl("the url must be postgres://user:password@host:port/database or postgresql://…");
  const [, scheme, user = "", authority = "", path = "/", query = ""] = m;
  const parameters = new Map<string, string>();
  const rest = new URLSearchParams();
  for (const [name, value] of new URLSearchParams(query)) {
    if (OURS.has(name)) parameters.set(name, value);
    else rest.append(name, value);
  }
  const named = hosts ?? listOf(parameters.get("host") ?? (authority || process.env["PGHOST"]) ?? "localhost");
  const ports = listOf(parameters.get("port") ?? process.env["PGPORT"] ?? "5432");
  if (ports.length > 1 && ports.length !== named.length) {
    throw badUrl(`${ports.length} ports for ${named.length} hosts`);
  }
  const list = named.map((name, i): Server => {
    const { host, port } = hostOf(name, ports[i] ?? ports[0] ?? "5432");
    const at = user === "" ? "" : `${user}@`;
    const only = new URLSearchParams(rest);
    if (host.startsWith("/")) only.set("host", host);
    const written = host.startsWith("/") ? "" : host.includes(":") ? `[${host}]` : encodeURIComponent(host);
    // Without a host a url has no port.
    if (written === "") only.set("port", String(port));
    const address = written === "" ? "" : `${written}:${port}`;
    const parameters = only.size === 0 ? "" : `?${only.toString()}`;
    return { host, port, where: `${host}:${port}${path}`, url: `${scheme}${at}${address}${path}${parameters}` };
  });
  return { list, parameters };
}

/** badUrl is the error of a url or a parameter of it; it must not repeat the url, which holds a password. @internal */
export function badUrl(why: string): Failure {
  return new Failure(`sql: postgres: ${why}`, { code: "invalid_argument", reason: "sql/bad_url" });
}

/** oneOf checks a parameter that is one of several words. @internal */
export function oneOf<T extends string>(name: string, value: string, words: readonly T[]): T {
  const found = words.find((word) => word === value);
  if (found === undefined) throw badUrl(`${name} must be one of ${words.join(", ")}, not ${JSON.stringify(value)}`);
  return found;
}

function listOf(text: string): string[] {
  return text.split(",");
}

// h, h:5432, [::1], [::1]:5432, and a folder of unix sockets, which may be percent-encoded.
function hostOf(name: string, port: string): { host: string; port: number } {
  const m = /^(?:\[([^\]]*)\]|(\/.*|[^:]*))(?::(\d+))?$/.exec(decoded(name));
  if (m === null) throw badUrl("a host is not as host:port");
  const number = Number(m[3] ?? (port || "5432"));
  if (!Number.isInteger(number) || number < 1 || number > 65_535) throw badUrl("a port is not between 1 and 65535");
  return { host: m[1] ?? (m[2] || "localhost"), port: number };
}

function decoded(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    throw badUrl("a host is not percent-encoded as it should be");
  }
}
