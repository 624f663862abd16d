import { httpFailure } from "./failure.ts";
import { headerValue, isFraming } from "./header.ts";
import { Reply } from "./reply.ts";

/** @internal replyOf is a native Response as a Reply; its framing headers are left to the server. */
export function replyOf(response: unknown): Reply {
  if (!(response instanceof Response)) {
    throw httpFailure("no_reply", `the handler returned ${typeof response}, not a Reply or a Response`);
  }
  if (response.status < 200) throw httpFailure("no_reply", "the handler returned an error Response");
  const reply = new Reply(response.status, "", response.body);
  const head: string[] = [];
  // set-cookie comes once for each cookie.
  for (const [name, value] of response.headers) {
    if (name === "content-length" && response.body !== null) reply.length = Number(value);
    if (!isFraming(name)) head.push(name, headerValue(name, value));
  }
  if (head.length > 0) reply.head = head;
  return reply;
}
