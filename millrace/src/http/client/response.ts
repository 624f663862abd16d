import { ValidationFailure } from "../../errors/index.ts";
import type { Output, StandardSchema } from "../../schema/index.ts";
import { isJson } from "../exchange.ts";
import { clientFailure } from "./failure.ts";
import type { Incoming } from "./incoming.ts";

/**
 * ClientResponse is an answer with a status below 400. Its body is read once, by json, text, bytes or stream; if you do
 * not read it, discard it (`await using`), for it holds its connection until then, at most until the call's deadline.
 */
export class ClientResponse implements AsyncDisposable {
  readonly status: number;
  /** headers are all headers, names in lower case; a header that came several times is a list. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly #incoming: Incoming;
  readonly #maxBytes: number;

  /** @internal */
  constructor(incoming: Incoming, maxBytes: number) {
    this.status = incoming.status;
    this.headers = incoming.headers;
    this.#incoming = incoming;
    this.#maxBytes = maxBytes;
  }

  /** header is a header's value; the name is in lower case. Several are joined as RFC 9110 says. */
  header(name: string): string | undefined {
    return this.#incoming.header(name);
  }

  /** bytes reads the whole body; one over the client's maxBytes throws "http/response_too_large". */
  bytes(): Promise<Uint8Array> {
    return this.#incoming.bytes(this.#maxBytes);
  }

  /** text reads the body as UTF-8. */
  async text(): Promise<string> {
    return new TextDecoder().decode(await this.bytes());
  }

  /**
   * json reads the body as JSON, and checks it if there is a schema; an empty body is undefined. What is no JSON, or not as the schema says, throws
   * "http/bad_response" with the code "internal": the fault is not our own client's.
   */
  async json<S extends StandardSchema = StandardSchema>(schema?: S): Promise<Output<S>> {
    const body = await this.text();
    const type = this.header("content-type");
    if (body !== "" && !isJson(type)) {
      throw clientFailure("bad_response", `the answer is ${type ?? "of no type"}, not JSON`);
    }
    const value = body === "" ? undefined : parse(body);
    // Without a schema the output is unknown.
    if (schema === undefined) return value as Output<S>;
    const result = await schema["~standard"].validate(value);
    if (result.issues === undefined) return result.value as Output<S>;
    const issues = result.issues.map(({ path = [], message }) => {
      const keys = path.map((step) => (typeof step === "object" ? step.key : step));
      return { path: keys.map((key) => (typeof key === "number" ? key : String(key))), message };
    });
    const invalid = new ValidationFailure("the answer is not as its schema says", issues);
    throw clientFailure("bad_response", `${invalid.message}: ${issues.map(say).join("; ")}`, invalid);
  }

  /** stream is the body as it comes; cancel it, or leave its loop, and the connection is closed. */
  stream(): ReadableStream<Uint8Array> {
    return ReadableStream.from(this.#incoming.chunks());
  }

  /** discard gives the connection back without the body. */
  discard(): Promise<void> {
    return this.#incoming.discard();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.discard();
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (err) {
    throw clientFailure("bad_response", "the answer is not JSON", err);
  }
}

function say({ path, message }: { readonly path: readonly (string | number)[]; readonly message: string }): string {
  return path.length === 0 ? message : `${path.join(".")}: ${message}`;
}
