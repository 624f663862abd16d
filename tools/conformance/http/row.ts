/** Row is what a client sends on a connection of its own, and what must come back. */
export interface Row {
  readonly name: string;
  /** clause is where it is written: an RFC's number and section. */
  readonly clause: string;
  /** send is bytes as latin1; several strings go out one after the other, a number waits until so many answers have come. */
  readonly send: string | readonly (string | number)[];
  /**
   * want is the answers and what becomes of the connection: "200 GET / | 400 | closed". An answer of the echo says method,
   * target and body. "open" means that a request sent behind all this was answered next.
   */
  readonly want: string;
  /** go is what Go's net/http does where that is something else, and why this is not what we do. */
  readonly go?: readonly [want: string, why: string];
  /**
   * then is what follows: a request (the default), nothing, the end of what the client sends, or nothing by a client that
   * does not read either.
   */
  readonly then?: "nothing" | "end" | "deaf";
}

/** Section is a group of rows. */
export interface Section {
  readonly name: string;
  readonly rows: readonly Row[];
}

/** head is a request's line and headers, with "host: x" first. */
export function head(line: string, ...headers: string[]): string {
  return `${[line, "host: x", ...headers].join("\r\n")}\r\n\r\n`;
}

/** get is a whole request without a body. */
export function get(path: string, ...headers: string[]): string {
  return head(`GET ${path} HTTP/1.1`, ...headers);
}

/** post is a request's head; the body is up to the row. */
export function post(path: string, ...headers: string[]): string {
  return head(`POST ${path} HTTP/1.1`, ...headers);
}

/** chunked is a POST's head for a body in chunks. */
export function chunked(path: string, ...headers: string[]): string {
  return post(path, "transfer-encoding: chunked", ...headers);
}
