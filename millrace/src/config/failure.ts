import { Failure } from "../errors/index.ts";

/** Problem is one thing that is wrong with the configuration. */
export interface Problem {
  /** variable is the name of the variable, or of the file, that is wrong. */
  readonly variable: string;
  /** expected says what would be right, in the schema's words. */
  readonly expected: string;
  /** got is what came, cut; never a secret. Undefined: nothing came. */
  readonly got?: string | undefined;
  /** from is where it came from. */
  readonly from?: string | undefined;
  /** doc is what the setting is for. */
  readonly doc?: string | undefined;
}

/**
 * ConfigFailure says everything that is wrong with the configuration at once; its message is the screen to show.
 * Its code is "invalid_argument", its reason "config/invalid".
 */
export class ConfigFailure extends Failure {
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    super(screen(problems), { code: "invalid_argument", reason: "config/invalid" });
    this.problems = problems;
  }

  static {
    this.prototype.name = "ConfigFailure";
  }
}

function screen(problems: readonly Problem[]): string {
  const lines = problems.flatMap(({ variable, expected, got, from, doc }) => {
    const what = got === undefined ? "is missing" : `is ${got}${from === undefined ? "" : `, from ${from}`}`;
    return [`  ${variable} ${what}`, `    ${expected}`, ...(doc === undefined ? [] : [`    (${doc})`])];
  });
  const count = problems.length === 1 ? "1 problem" : `${problems.length} problems`;
  return [`config: ${count} with the configuration:`, "", ...lines].join("\n");
}
