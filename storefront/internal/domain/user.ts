import { Failure } from "millrace/errors";

/** User is somebody who owns accounts, writes and orders; the e-mail address is unique, whatever its case. */
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

/** Owned is what keeps a user from being deleted. */
export type Owned = "accounts" | "posts" | "orders";

export function userHas(id: string, owned: Owned): Failure {
  return new Failure(`user ${id}: has ${owned}`, {
    code: "failed_precondition",
    reason: `user/has_${owned}`,
    detail: `the user still has ${owned}`,
  });
}
