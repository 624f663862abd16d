import { httpFailure } from "./failure.ts";
import { badMultipart } from "./multipart-failure.ts";
import { type PartHead, boundaryOf, partHead } from "./multipart-head.ts";
import { PartReader } from "./multipart-reader.ts";
import type { Req } from "./req.ts";

/** MultipartLimits bound what a multipart body may hold; the whole is bounded by the route's body limit. */
export interface MultipartLimits {
  /** maxParts is how many parts there may be. Default: 100. */
  readonly maxParts?: number;
  /** maxPartBytes is how long one part may be. Default: no limit but the body's. */
  readonly maxPartBytes?: number;
  /** maxHeaderBytes is how long the headers of one part may be. Default: 8192. */
  readonly maxHeaderBytes?: number;
}

/** Part is one part of a multipart body. It is read once, before the next one is asked for. */
export interface Part {
  /** name is the field's name. */
  readonly name: string;
  /** filename is what the client calls the file; undefined for a plain field. It is no path to write to. */
  readonly filename: string | undefined;
  /** type is the content-type that the client claims. Default: "text/plain". */
  readonly type: string;
  /** chunks reads the part piece by piece, with backpressure. */
  chunks(): AsyncIterable<Uint8Array>;
  /** bytes reads the whole part, within the limits. */
  bytes(): Promise<Uint8Array>;
  /** text reads the whole part as UTF-8. */
  text(): Promise<string>;
}

/**
 * @internal readMultipart reads a multipart/form-data body part by part, never more than a chunk ahead. What is left of
 * a part when the next one is asked for is read over. Source: RFC 7578 and RFC 2046 section 5.1.
 */
export async function* readMultipart(req: Req, limits: MultipartLimits = {}): AsyncGenerator<Part> {
  const { maxParts = 100, maxPartBytes = Infinity, maxHeaderBytes = 8192 } = limits;
  for (const [name, value] of Object.entries({ maxParts, maxPartBytes, maxHeaderBytes })) {
    if (!(value >= 1)) throw new RangeError(`http: multipart: ${name} must be at least 1, not ${value}`);
  }
  const boundary = boundaryOf(req.header("content-type"));
  const reader = new PartReader(req.chunks(), boundary);
  try {
    for (let count = 1; ; count++) {
      const head = await reader.next(maxHeaderBytes);
      if (head === undefined) return;
      if (count > maxParts) throw badMultipart(`has more than ${maxParts} parts`);
      yield new ReadPart(reader, partHead(head), maxPartBytes);
    }
  } finally {
    await reader.close();
  }
}

class ReadPart implements Part {
  readonly name: string;
  readonly filename: string | undefined;
  readonly type: string;
  readonly #content: AsyncIterable<Uint8Array>;
  readonly #maxBytes: number;
  #taken = false;

  constructor(reader: PartReader, { name, filename, type }: PartHead, maxBytes: number) {
    this.name = name;
    this.filename = filename;
    this.type = type;
    this.#maxBytes = maxBytes;
    // Asked for now: whoever reads it after the next part was asked for gets nothing of that one.
    this.#content = reader.content();
  }

  async *chunks(): AsyncGenerator<Uint8Array> {
    if (this.#taken) throw httpFailure("body_already_read", "the part was read before");
    this.#taken = true;
    let size = 0;
    for await (const chunk of this.#content) {
      size += chunk.length;
      if (size > this.#maxBytes) throw httpFailure("body_too_large", `a part is over ${this.#maxBytes} bytes`);
      yield chunk;
    }
  }

  async bytes(): Promise<Uint8Array> {
    const parts: Uint8Array[] = [];
    for await (const chunk of this.chunks()) parts.push(chunk);
    return Buffer.concat(parts);
  }

  async text(): Promise<string> {
    return new TextDecoder().decode(await this.bytes());
  }
}
