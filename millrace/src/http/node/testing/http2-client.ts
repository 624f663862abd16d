import { once } from "node:events";
import { type ClientHttp2Session, type IncomingHttpHeaders, connect } from "node:http2";
import type { Socket } from "node:net";

/** Answered is an answer over HTTP/2. */
export interface Answered {
  readonly status: number | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** code is how the stream ended; 0 is well. */
  readonly code: number;
}

/** Http2Client is a connection of HTTP/2. */
export class Http2Client implements Disposable {
  readonly session: ClientHttp2Session;
  readonly closed: Promise<unknown>;

  constructor(url: string, createConnection?: () => Socket) {
    this.session = connect(url, {
      rejectUnauthorized: false,
      ...(createConnection === undefined ? {} : { createConnection }),
    });
    // What goes wrong is seen by the requests.
    this.session.on("error", () => undefined);
    this.closed = once(this.session, "close");
  }

  /** ask sends a request and gives what came of it; it never rejects. */
  ask(path: string, body?: string | Uint8Array, headers: Record<string, string> = {}): Promise<Answered> {
    const method = body === undefined ? "GET" : "POST";
    const stream = this.session.request({ ":path": path, ":method": method, ...headers });
    const { promise, resolve } = Promise.withResolvers<Answered>();
    let got: IncomingHttpHeaders = {};
    let text = "";
    stream.setEncoding("utf8");
    stream.on("response", (head) => (got = head)).on("data", (chunk: string) => (text += chunk));
    stream.on("error", () => undefined);
    stream.on("close", () => {
      resolve({ status: got[":status"] as number | undefined, headers: got, body: text, code: stream.rstCode ?? 0 });
    });
    stream.end(body);
    return promise;
  }

  [Symbol.dispose](): void {
    this.session.destroy();
  }
}
