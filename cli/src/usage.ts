/** UsageError is a command that was called wrongly: its message and where the help is, and exit code 2. */
export class UsageError extends Error {
  static {
    this.prototype.name = "UsageError";
  }
}
