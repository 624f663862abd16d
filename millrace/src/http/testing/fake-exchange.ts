import { background } from "../../context/index.ts";
import { nodeOf } from "../../context/node.ts";
import { Exchange } from "../exchange.ts";
import { replyOf } from "../from-response.ts";
import type { Handler } from "../handler.ts";
import type { Reply } from "../reply.ts";

/** FakeRequest is what a test asks for. */
export interface FakeRequest {
  readonly method?: string;
  readonly url?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly remoteAddress?: string;
}

/** FakeExchange is an exchange without a wire, for tests of what runs above it. */
export class FakeExchange extends Exchange {
  readonly headers: Readonly<Record<string, string>>;
  readonly remoteAddress: string;
  readonly #body: string;

  constructor(request: FakeRequest = {}) {
    super(nodeOf(background), request.method ?? "GET", request.url ?? "/", 0, 1024);
    this.headers = request.headers ?? {};
    this.remoteAddress = request.remoteAddress ?? "192.0.2.1";
    this.#body = request.body ?? "";
  }

  header(name: string): string | undefined {
    return this.headers[name];
  }

  async bytes(): Promise<Uint8Array> {
    return Buffer.from(this.#body);
  }

  async *chunks(): AsyncGenerator<Uint8Array> {
    yield await this.bytes();
  }

  protected newRequestId(): string {
    return "test-id";
  }

  protected newWebRequest(): Request {
    return new Request(`http://localhost${this.path}${this.search}`, { method: this.method });
  }

  protected unixStart(): number {
    return Date.now();
  }

  protected expired(): void {}

  /** call gives the exchange to a handler. */
  async call(handler: Handler): Promise<Reply> {
    const result = await handler(this, this);
    return result instanceof Response ? replyOf(result) : result;
  }
}
