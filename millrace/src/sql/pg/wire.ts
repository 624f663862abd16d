/** WireOf is what of pg's Connection a statement of another make may use. @internal */
export interface WireOf {
  readonly stream: unknown;
  readonly parsedStatements: unknown;
  readonly submittedNamedStatements: unknown;
  parse(message: unknown, more?: unknown): void;
  bind(message: unknown, more?: unknown): void;
  describe(message: unknown, more?: unknown): void;
  execute(message: unknown, more?: unknown): void;
  close(message: unknown): void;
  flush(): void;
  sync(): void;
  query(text: string): void;
  sendCopyFromChunk(chunk: unknown): void;
  endCopyFrom(): void;
  sendCopyFail(message: string): void;
  once(event: string, fn: () => void): void;
  removeListener(event: string, fn: () => void): void;
}

/**
 * Wire is pg's Connection for one statement. It sends one Sync and nothing after it: a second one would bring a second
 * ReadyForQuery, and the next statement would take that for its own end. @internal
 */
export class Wire {
  readonly #to: WireOf;
  readonly #whenReady: (() => void)[] = [];
  // Whether the statement can write, and whether it is one whose end the client asks for.
  #open = true;
  #simple = false;
  #copying = false;
  #over = false;

  constructor(to: WireOf) {
    this.#to = to;
  }

  get stream(): unknown {
    return this.#to.stream;
  }

  get parsedStatements(): unknown {
    return this.#to.parsedStatements;
  }

  get submittedNamedStatements(): unknown {
    return this.#to.submittedNamedStatements;
  }

  parse(message: unknown): void {
    if (this.#open) this.#to.parse(message);
  }

  bind(message: unknown): void {
    if (this.#open) this.#to.bind(message);
  }

  describe(message: unknown): void {
    if (this.#open) this.#to.describe(message);
  }

  execute(message: unknown): void {
    if (this.#open) this.#to.execute(message);
  }

  close(message: unknown): void {
    if (this.#open) this.#to.close(message);
  }

  flush(): void {
    if (this.#open) this.#to.flush();
  }

  sync(): void {
    if (this.#open && !this.#simple) this.#to.sync();
    this.#open = false;
  }

  query(text: string): void {
    this.#simple = true;
    if (this.#open) this.#to.query(text);
    this.#open = false;
  }

  sendCopyFromChunk(chunk: unknown): void {
    if (this.#copying) this.#to.sendCopyFromChunk(chunk);
  }

  endCopyFrom(): void {
    if (this.#copying) this.#to.endCopyFrom();
    this.#copying = false;
  }

  sendCopyFail(message: string): void {
    if (this.#copying) this.#to.sendCopyFail(message);
    this.#copying = false;
  }

  once(event: string, fn: () => void): void {
    if (event !== "readyForQuery") this.#to.once(event, fn);
    else if (this.#over) queueMicrotask(fn);
    else this.#whenReady.push(fn);
  }

  removeListener(event: string, fn: () => void): void {
    this.#to.removeListener(event, fn);
  }

  /** beginCopy says that the server waits for the data of a COPY. */
  beginCopy(): void {
    this.#copying = true;
  }

  /** finish asks for the end of a statement that was left. */
  finish(): void {
    this.sendCopyFail("the statement was left");
    this.sync();
  }

  /** end tells those who wait for it that the server is ready, or gone. */
  end(): void {
    this.#open = this.#copying = false;
    this.#over = true;
    for (const fn of this.#whenReady.splice(0)) queueMicrotask(fn);
  }
}
