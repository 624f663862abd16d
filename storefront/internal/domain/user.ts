import { Failure } from "millrace/errors";

/** User is somebody who owns accounts; the e-mail address is unique, whatever its case. */
export interface User {
  readonly id: string;
  readonly email: string;
  readonly name: string;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

export function userNotFound(id: string): Failure {
  return new Failure(`user ${id}: not found`, { code: "not_found", reason: "user/not_found", detail: "no such user" });
}

export function emailTaken(): Failure {
  return new Failure("user: e-mail taken", {
    code: "already_exists",
    reason: "user/email_taken",
    detail: "this e-mail address is taken",
  });
}

export function userHasAccounts(id: string): Failure {
  return new Failure(`user ${id}: has accounts`, {
    code: "failed_precondition",
    reason: "user/has_accounts",
    detail: "the user still owns accounts",
  });
}
