import { Failure } from "millrace/errors";

/** Post is what a user has written. */
export interface Post {
  readonly id: string;
  readonly authorId: string;
  readonly title: string;
  readonly body: string;
  readonly createdAt: Date;
}

export function postNotFound(id: string): Failure {
  return new Failure(`post ${id}: not found`, { code: "not_found", reason: "post/not_found", detail: "no such post" });
}
