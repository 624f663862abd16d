import { Failure } from "../errors/index.ts";

/** misuse is the failure of a call that is wrong whenever it is made in this state; the state stays as it is. */
export function misuse(what: string, reason: string): Failure {
  return new Failure(`sync: ${what}`, { code: "failed_precondition", reason: `sync/${reason}` });
}
