import { type FileHandle } from "node:fs/promises";
import { httpFailure } from "./failure.ts";
import type { Span } from "./range.ts";

const CHUNK_BYTES = 64 * 1024;

/** Piece is something to send: bytes that are there, or a part of the file. */
export type Piece = Uint8Array | Span;

/**
 * FileBody sends pieces of an open file, 64 kB at a time, and owns its handle: it is closed at the end, on failure, and
 * by destroy, which the server calls when the client has gone or nobody wants the body.
 */
export class FileBody implements AsyncIterable<Uint8Array> {
  readonly #handle: FileHandle;
  readonly #pieces: readonly Piece[];
  #closed = false;

  constructor(handle: FileHandle, pieces: readonly Piece[]) {
    this.#handle = handle;
    this.#pieces = pieces;
  }

  /** length is how many bytes it gives. */
  get length(): number {
    return this.#pieces.reduce((sum, p) => sum + (p instanceof Uint8Array ? p.length : p.last - p.first + 1), 0);
  }

  destroy(): void {
    if (this.#closed) return;
    this.#closed = true;
    // Nothing is written, so there is nothing that its end could lose. A read that is under way ends first.
    this.#handle.close().catch(() => undefined);
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    try {
      for (const piece of this.#pieces) {
        if (piece instanceof Uint8Array) yield piece;
        else yield* this.#read(piece);
      }
    } finally {
      this.destroy();
    }
  }

  async *#read({ first, last }: Span): AsyncGenerator<Uint8Array> {
    for (let at = first; at <= last && !this.#closed;) {
      const want = Math.min(CHUNK_BYTES, last - at + 1);
      const { bytesRead, buffer } = await this.#handle.read(Buffer.allocUnsafe(want), 0, want, at);
      // Whoever was promised more must not take this for all.
      if (bytesRead === 0) throw httpFailure("bad_stream_length", "the file has become shorter while it was sent");
      at += bytesRead;
      yield buffer.subarray(0, bytesRead);
    }
  }
}
