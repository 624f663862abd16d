import type { Submittable } from "pg";
import { Wire, type WireOf } from "./wire.ts";

// What pg's Client calls on a statement; a cursor has some of these, a copy stream others.
type Handler =
  | "handleRowDescription"
  | "handleDataRow"
  | "handlePortalSuspended"
  | "handleEmptyQuery"
  | "handleCommandComplete"
  | "handleCopyInResponse"
  | "handleCopyData"
  | "handleReadyForQuery";

type Foreign = Submittable & {
  readonly text?: string;
  readonly name?: string;
  readonly binary?: boolean;
  readonly _result?: unknown;
  readonly cursor?: Foreign;
} & Partial<Record<Handler, (a: unknown, b?: unknown) => void>> & {
    handleError?(err: unknown, wire: unknown): void;
  };

/**
 * Guard stands between pg's Client and a statement of another make, a cursor or a copy stream, that writes to the wire by
 * itself and as long as it likes. It can be failed at any time: what it holds open is closed, what it still writes is
 * dropped, and it never sees another statement's answers. @internal
 */
export class Guard {
  readonly #foreign: Foreign;
  #wire: Wire | undefined = undefined;
  #failed = false;
  #over = false;

  constructor(foreign: Submittable) {
    this.#foreign = foreign;
  }

  /** text names the statement in messages. */
  get text(): string {
    return this.#foreign.text ?? this.#foreign.cursor?.text ?? this.#foreign.constructor.name;
  }

  // Client reads and sets these on what it is given.
  get name(): string | undefined {
    return this.#foreign.name;
  }

  get binary(): boolean | undefined {
    return this.#foreign.binary;
  }

  get _result(): unknown {
    return this.#foreign._result ?? this.#foreign.cursor?._result;
  }

  submit(connection: unknown): unknown {
    const wire = new Wire(connection as WireOf);
    this.#wire = wire;
    return this.#foreign.submit(wire as never);
  }

  /** fail ends the statement with an error, unless it has one already. */
  fail(err: unknown): void {
    if (this.#failed || this.#over) return;
    this.#failed = true;
    this.#foreign.handleError?.(err, this.#wire);
    this.#wire?.finish();
  }

  /** end says that the server is ready for the next statement, or gone. */
  end(): void {
    this.#over = true;
    this.#wire?.end();
  }

  handleRowDescription(message: unknown): void {
    this.#forward("handleRowDescription", message);
  }

  handleDataRow(message: unknown): void {
    this.#forward("handleDataRow", message);
  }

  handlePortalSuspended(): void {
    this.#forward("handlePortalSuspended", this.#wire);
  }

  handleEmptyQuery(): void {
    this.#forward("handleEmptyQuery", this.#wire);
  }

  handleCommandComplete(message: unknown): void {
    this.#forward("handleCommandComplete", message, this.#wire);
  }

  handleCopyInResponse(): void {
    this.#wire?.beginCopy();
    if (this.#failed) this.#wire?.finish();
    this.#forward("handleCopyInResponse", this.#wire);
  }

  handleCopyData(message: unknown): void {
    this.#forward("handleCopyData", message, this.#wire);
  }

  handleReadyForQuery(): void {
    this.#forward("handleReadyForQuery", this.#wire);
  }

  handleError(err: unknown): void {
    this.fail(err);
  }

  #forward(handler: Handler, a: unknown, b?: unknown): void {
    if (this.#failed) return;
    try {
      this.#foreign[handler]?.(a, b);
    } catch (err) {
      // A parser of the holder's that throws must not end in the socket's listener.
      this.fail(err);
    }
  }
}
