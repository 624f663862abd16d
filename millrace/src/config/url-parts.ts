import type { Found } from "./source.ts";

/** Derivation gives a variable that is missing its value from others. */
export interface Derivation {
  /** env is the name of the variable. */
  readonly env: string;
  /** derive is the value, undefined if the others say nothing; throws an Error that names what is missing of them. */
  derive(read: (variable: string) => Found | undefined): Found | undefined;
}

/** UrlPartsOptions name the parts. */
export interface UrlPartsOptions {
  /** scheme is what the URL starts with. @default "postgres" */
  readonly scheme?: string;
  /** prefix is how the names of the parts begin. @default "DB_" */
  readonly prefix?: string;
}

/**
 * urlParts derives a database's URL from the variables DB_HOST, DB_PORT, DB_USER, DB_PASSWORD and DB_NAME, as many
 * platforms give it. Once one of them is set, the host and the name must be.
 */
export function urlParts(env: string, options: UrlPartsOptions = {}): Derivation {
  const { scheme = "postgres", prefix = "DB_" } = options;
  return {
    env,
    derive(read) {
      const part = (name: string): string | undefined => read(prefix + name)?.text;
      const [host, port, user, password, name] = ["HOST", "PORT", "USER", "PASSWORD", "NAME"].map(part);
      const set = ["HOST", "PORT", "USER", "PASSWORD", "NAME"].filter((each) => part(each) !== undefined);
      if (set.length === 0) return undefined;
      const from = set.map((each) => prefix + each).join(", ");
      if (host === undefined || name === undefined) {
        const missing = [host === undefined && `${prefix}HOST`, name === undefined && `${prefix}NAME`];
        throw new Error(`${missing.filter(Boolean).join(" and ")} beside ${from}`);
      }
      const login = user === undefined ? "" : encodeURIComponent(user);
      const pass = password === undefined ? "" : `:${encodeURIComponent(password)}`;
      const at = login + pass === "" ? "" : "@";
      // An IPv6 address stands in brackets; a folder with a socket is escaped.
      const where = host.includes(":") ? `[${host}]` : encodeURIComponent(host);
      const text = `${scheme}://${login}${pass}${at}${where}${port === undefined ? "" : `:${port}`}/${encodeURIComponent(name)}`;
      return { text, from };
    },
  };
}
