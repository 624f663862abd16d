import { Failure } from "../errors/index.ts";
import { httpFailure } from "./failure.ts";
import type { Req } from "./req.ts";

// More than any form has; each costs two strings and an entry.
const MAX_FIELDS = 1000;

/** @internal readForm reads an application/x-www-form-urlencoded body. */
export async function readForm(req: Req): Promise<URLSearchParams> {
  if (!/^application\/x-www-form-urlencoded\s*(?:;|$)/i.test(req.header("content-type") ?? "")) {
    throw httpFailure("unsupported_media_type", "the body is not a form");
  }
  const text = await req.text();
  let fields = 1;
  for (let at = text.indexOf("&"); at >= 0; at = text.indexOf("&", at + 1)) fields++;
  if (fields > MAX_FIELDS) {
    throw new Failure(`http: a form of over ${MAX_FIELDS} fields`, {
      code: "invalid_argument",
      reason: "http/bad_form",
      detail: `A form has at most ${MAX_FIELDS} fields.`,
    });
  }
  return new URLSearchParams(text);
}
