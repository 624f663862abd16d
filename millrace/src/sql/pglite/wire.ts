import { Failure } from "../../errors/index.ts";

/**
 * MAX_MESSAGE_BYTES bounds one message of a client. PostgreSQL itself allows 1 GB; the whole memory of the embedded one
 * is 2 GB, and a message is held there several times.
 */
export const MAX_MESSAGE_BYTES: number = 256 * 1024 * 1024;

/** MAX_STARTUP_BYTES bounds the first packet of a connection. Source: MAX_STARTUP_PACKET_LENGTH in libpq/pqcomm.h. */
export const MAX_STARTUP_BYTES = 10_000;

/**
 * Splitter cuts a stream of bytes into messages, whatever the chunks are.
 *
 *     type     1 byte, absent from the first packet of a connection
 *     length   4 bytes, big endian, counts itself and the body
 *     body
 *
 * What it returns are views into the chunks it was given. A length outside its bounds throws invalid_argument
 * ("sql/pglite_protocol") before anything is kept for it; the stream cannot be read any further then.
 * Source: https://www.postgresql.org/docs/18/protocol-overview.html#PROTOCOL-MESSAGE-CONCEPTS
 */
export class Splitter {
  readonly #maxBytes: number;
  #chunks: Buffer[] = [];
  // The sum of the chunks' lengths.
  #size = 0;

  constructor(maxBytes: number = MAX_MESSAGE_BYTES) {
    this.#maxBytes = maxBytes;
  }

  /** push adds bytes; the splitter owns them from here on. */
  push(bytes: Uint8Array): void {
    if (bytes.byteLength === 0) return;
    this.#chunks.push(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
    this.#size += bytes.byteLength;
  }

  /** next is the next whole message with its header, undefined until there is one. */
  next(): Buffer | undefined {
    return this.#cut(1, this.#maxBytes);
  }

  /** nextStartup is next for the packet without a type, with which a connection starts. */
  nextStartup(): Buffer | undefined {
    return this.#cut(0, MAX_STARTUP_BYTES);
  }

  #cut(typeBytes: number, maxBytes: number): Buffer | undefined {
    const header = this.#head(typeBytes + 4);
    if (header === undefined) return undefined;
    const length = header.readUInt32BE(typeBytes);
    if (length < 4 || length > maxBytes) {
      throw new Failure(`sql: pglite: a message of ${length} bytes: want 4 to ${maxBytes}`, {
        code: "invalid_argument",
        reason: "sql/pglite_protocol",
      });
    }
    const bytes = typeBytes + length;
    const message = this.#head(bytes)?.subarray(0, bytes);
    if (message !== undefined) this.#drop(bytes);
    return message;
  }

  // The first chunk, joined with the others when it holds fewer than so many bytes, undefined when all together do.
  #head(bytes: number): Buffer | undefined {
    if (this.#size < bytes) return undefined;
    // The size says that there is a chunk.
    if (this.#chunks[0]!.byteLength < bytes) this.#chunks = [Buffer.concat(this.#chunks, this.#size)];
    return this.#chunks[0];
  }

  #drop(bytes: number): void {
    const first = this.#chunks[0]!;
    this.#size -= bytes;
    if (first.byteLength === bytes) this.#chunks.shift();
    else this.#chunks[0] = first.subarray(bytes);
  }
}

/** typeOf is the type of a message, one ASCII letter. */
export function typeOf(message: Buffer): string {
  return String.fromCharCode(message[0]!);
}

/** message builds one; a string among its parts is written with a final zero. */
export function message(type: string, ...parts: readonly (string | Uint8Array)[]): Buffer {
  const body = parts.map((part) => (typeof part === "string" ? Buffer.from(`${part}\0`) : part));
  const length = body.reduce((sum, part) => sum + part.byteLength, 4);
  const header = Buffer.alloc(5);
  header.write(type, 0, 1, "latin1");
  header.writeUInt32BE(length, 1);
  return Buffer.concat([header, ...body], length + 1);
}

/** errorResponse builds an ErrorResponse: a severity, an SQLSTATE and what is wrong. */
export function errorResponse(severity: "ERROR" | "FATAL", sqlState: string, text: string): Buffer {
  return message("E", `S${severity}`, `V${severity}`, `C${sqlState}`, `M${text}`, Buffer.of(0));
}
