import { SqlFailure } from "../failure.ts";
import type { Arg } from "./args.ts";
import type { Column } from "./shape.ts";

/** Wire is what of pg's Connection is used here: one method per protocol message. @internal */
export interface Wire {
  readonly stream: {
    cork(): void;
    uncork(): void;
    write(bytes: Uint8Array): boolean;
    once(event: "drain", fn: () => void): void;
    pause(): void;
    resume(): void;
  };
  query(text: string): void;
  parse(message: { readonly name: string; readonly text: string }): void;
  bind(message: { readonly statement: string; readonly values: readonly Arg[] }): void;
  describe(message: { readonly type: "S"; readonly name: string }): void;
  execute(message: { readonly rows: number }): void;
  close(message: { readonly type: "P"; readonly name: string }): void;
  flush(): void;
  sync(): void;
  endCopyFrom(): void;
  sendCopyFail(message: string): void;
}

/**
 * Exchange is something on its way through pg's Client, which calls it for each message of the server, from submit to
 * ReadyForQuery. Each kind overrides what concerns it.
 * Source: https://www.postgresql.org/docs/current/protocol-flow.html
 * @internal
 */
export abstract class Exchange {
  /** error is the first thing that went wrong; it is over only when the server is ready again. */
  error: unknown = undefined;

  abstract submit(wire: Wire): null;

  handleRowDescription(_message: { readonly fields: readonly Column[] }): void {}

  handleDataRow(_message: { readonly fields: readonly (string | null)[] }): void {}

  handleCommandComplete(_message: { readonly text: string }, _wire: Wire): void {}

  handleEmptyQuery(_wire: Wire): void {}

  handlePortalSuspended(_wire: Wire): void {}

  handleReadyForQuery(_wire: Wire): void {}

  handleError(err: unknown, _wire: Wire): void {
    this.error ??= err;
  }

  handleCopyInResponse(wire: Wire): void {
    this.error ??= noCopy();
    wire.sendCopyFail("COPY is not supported here");
  }

  handleCopyData(_message: { readonly chunk: Buffer }): void {
    this.error ??= noCopy();
  }

  /** attempt notes what a step throws as the error, so that the server's messages are read to their end. */
  protected attempt(step: () => void): void {
    try {
      step();
    } catch (err) {
      this.error ??= err;
    }
  }
}

/** noCopy is the error of a COPY that was given to query, script, rows or batch. @internal */
export function noCopy(): SqlFailure {
  return new SqlFailure("sql: COPY FROM STDIN and COPY TO STDOUT are not statements to query: use copyFrom, copyTo", {
    code: "unimplemented",
    reason: "sql/no_copy",
  });
}
