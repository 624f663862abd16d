/** Output is where text goes: process.stdout, or what a test collects. */
export interface Output {
  write(text: string): unknown;
}

/** Io is all that a command may touch of its process. */
export interface Io {
  /** stdout takes what was asked for, and nothing else. */
  readonly stdout: Output;
  /** stderr takes errors and progress. */
  readonly stderr: Output;
  /** cwd is the folder that relative paths of the arguments start at. */
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}
