import { Failure } from "../errors/index.ts";

/** badMultipart is a 400 that says what is wrong with the body. */
export function badMultipart(what: string): Failure {
  return new Failure(`http: multipart: the body ${what}`, {
    code: "invalid_argument",
    reason: "http/bad_multipart",
    detail: `The multipart body ${what}.`,
  });
}
