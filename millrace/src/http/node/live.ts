/** RequestInFlight is a request that is being answered, as operators see it; not its path, which may hold a secret. */
export interface RequestInFlight {
  readonly method: string;
  /** route is the pattern that it matched, "" if it matched none. */
  readonly route: string;
  readonly requestId: string;
  readonly ageMs: number;
  /**
   * state is "open" until an answer begins, "streaming" while it is sent, and "answered" when the client has it or has
   * gone, and the handler has not ended.
   */
  readonly state: "open" | "streaming" | "answered";
}

/** Live is an exchange that is in flight, as the server's list knows it. */
export interface Live {
  before: Live | null;
  after: Live | null;
  readonly deadlineAt: number;
  expire(): void;
  /** describe is the request in a few words, for operators. */
  describe(): string;
  /** inFlight is the same in parts. */
  inFlight(): RequestInFlight;
  /** stop cancels the exchange with a cause and answers 503 if nothing has been sent. */
  stop(cause: unknown): void;
}

/** LiveList holds the exchanges in flight, linked through themselves: entering and leaving allocate nothing. */
export class LiveList {
  size = 0;
  #first: Live | null = null;

  enter(entry: Live): void {
    const first = this.#first;
    entry.after = first;
    if (first !== null) first.before = entry;
    this.#first = entry;
    this.size++;
  }

  leave(entry: Live): void {
    const { before, after } = entry;
    if (before === null) this.#first = after;
    else before.after = after;
    if (after !== null) after.before = before;
    entry.before = entry.after = null;
    this.size--;
  }

  /** expire ends what is past its deadline. */
  expire(unixNow: number): void {
    for (let entry = this.#first; entry !== null;) {
      const next: Live | null = entry.after;
      if (entry.deadlineAt <= unixNow) entry.expire();
      entry = next;
    }
  }

  /** all are the entries of this moment; they may leave while they are gone through. */
  all(): Live[] {
    const entries: Live[] = [];
    for (let entry = this.#first; entry !== null; entry = entry.after) entries.push(entry);
    return entries;
  }
}
