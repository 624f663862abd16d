// A pipeline wants many short statements; a text longer than this is neither, and not worth keeping in memory.
const MAX_CHARS = 8192;
// Two generations of so many texts each are remembered.
const REMEMBERED = 1000;
// What holds up the statements behind it for longer than this belongs on a connection of its own.
const SLOW_MS = 20;
// A text that was quick so often in a row is forgiven one slow run: the machine was slow, not the statement.
const TRUSTED = 100;
// A slow text comes back after so many quick runs in a row elsewhere.
const PENALTY = 64;

const WORDS: ReadonlySet<string> = new Set(["select", "insert", "update", "delete", "merge", "with"]);
// Functions whose effect outlives the statement, or is not undone when it is rolled back.
const SESSION = /\b(?:pg_(?:try_)?advisory_|set_config|setseed|dblink|lo_\w|currval|lastval)/i;

/**
 * isLaneText says whether a statement may share a connection with others that are under way: a single SELECT, INSERT,
 * UPDATE, DELETE or MERGE, with WITH or without, by the first word after comments. What is in doubt may not: other
 * words, parentheses, comments inside of comments, functions that work on the session, long texts. Several statements
 * in one text are refused by the server. @internal
 */
export function isLaneText(text: string): boolean {
  return text.length <= MAX_CHARS && WORDS.has(firstWord(text).toLowerCase()) && !SESSION.test(text);
}

function firstWord(text: string): string {
  let rest = text;
  for (;;) {
    rest = rest.trimStart();
    if (rest.startsWith("--")) {
      const end = rest.indexOf("\n");
      if (end < 0) return "";
      rest = rest.slice(end);
    } else if (rest.startsWith("/*")) {
      const end = rest.indexOf("*/");
      // They nest in PostgreSQL.
      if (end < 0 || rest.slice(2, end).includes("/*")) return "";
      rest = rest.slice(end + 2);
    } else return /^[a-z]+\b/i.exec(rest)?.[0] ?? "";
  }
}

/** LaneText is what is known about a text. @internal */
export class LaneText {
  readonly #lane: boolean;
  // Quick runs in a row, up to TRUSTED.
  #quick = 0;
  // Quick runs on connections of their own that are still to come.
  #owed: number;
  #slowUntil = 0;

  constructor(text: string, trialRuns: number) {
    this.#lane = isLaneText(text);
    this.#owed = trialRuns;
  }

  /** fits says whether it may go on a lane now. */
  get fits(): boolean {
    return this.#lane && this.#owed === 0;
  }

  /** took notes when one run began and ended, on the clock of performance.now(). */
  took(from: number, to: number): void {
    if (to - from <= SLOW_MS) {
      if (this.#quick < TRUSTED) this.#quick++;
      if (this.#owed > 0) this.#owed--;
      return;
    }
    // Runs that were slow at the same time were so for one reason.
    const same = from < this.#slowUntil;
    this.#slowUntil = to;
    if (this.#quick < TRUSTED && !same) this.#owed = PENALTY;
    else if (this.#owed > 0) this.#owed = PENALTY;
    this.#quick = 0;
  }
}

/** LaneTexts remembers the texts used last, 1,000 at least and 2,000 at most. @internal */
export class LaneTexts {
  #young = new Map<string, LaneText>();
  #old = new Map<string, LaneText>();
  readonly #trialRuns: number;

  /** A text that was not seen before has to be quick so often on connections of its own. */
  constructor(trialRuns: number) {
    this.#trialRuns = trialRuns;
  }

  of(text: string): LaneText {
    return this.#young.get(text) ?? this.#add(text);
  }

  #add(text: string): LaneText {
    const about = this.#old.get(text) ?? new LaneText(text, this.#trialRuns);
    if (text.length > MAX_CHARS) return about;
    if (this.#young.size >= REMEMBERED) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(text, about);
    return about;
  }
}
