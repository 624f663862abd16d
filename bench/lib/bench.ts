/** Bench is what bench/NAME/bench.ts exports as `bench`. */
export interface Bench {
  /** name is the folder's name. */
  readonly name: string;
  readonly cases: readonly Case[];
}

/** Case is one measured thing, and everybody who does it. */
export interface Case {
  readonly name: string;
  /** unit is what the values are in: "requests/cpu-s", "ms", "MB". */
  readonly unit: string;
  readonly better: "higher" | "lower";
  /** rounds is how often each subject is measured. Default: 5. */
  readonly rounds?: number;
  /** subjects are measured in this order in the first round, in the opposite order in the second, and so on. */
  readonly subjects: readonly Subject[];
  /** prove throws unless the subject gives the right answer; every subject is proven before any is measured. */
  prove(command: Command): Promise<void>;
  /** measure runs the subject in a fresh process and returns one value. */
  measure(command: Command): Promise<number>;
}

/** Subject is one competitor; "millrace" is ours, and every ratio is to it. */
export interface Subject {
  readonly name: string;
  /** prepare returns the command that runs the subject, or says what this machine lacks for it. */
  prepare(): Promise<Command | Missing>;
}

/** Command starts a process that this bench measures itself: never a shell, npm, npx or `go run`. */
export interface Command {
  readonly argv: readonly [string, ...string[]];
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

/** Missing is why a subject cannot run here. */
export interface Missing {
  readonly missing: string;
}

/** Row is the result of one subject in one case. */
export interface Row {
  readonly case: string;
  readonly subject: string;
  readonly unit: string;
  readonly better: "higher" | "lower";
  readonly median: number;
  readonly min: number;
  readonly max: number;
  readonly runs: readonly number[];
}

/** Report is the one object that `npm run bench -- NAME --json` prints. */
export interface Report {
  readonly bench: string;
  /** date is when the run ended, in ISO 8601. */
  readonly date: string;
  readonly machine: Machine;
  readonly rows: readonly Row[];
}

/** Machine says where the numbers come from. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGb: number;
  readonly os: string;
  readonly node: string;
  /** load is the one-minute load average when the run began: other work on the machine. */
  readonly load: number;
}
