import { httpFailure } from "./failure.ts";
import { headerName, headerValue, isFraming } from "./header.ts";
import { type Body, Reply } from "./reply.ts";

/**
 * @internal replyOf is a Response as a Reply; its framing headers are left to the server. Whose class it is does not
 * matter: graphql-yoga and others bring one of their own.
 */
export function replyOf(response: unknown): Reply {
  if (!isResponse(response)) {
    throw httpFailure("no_reply", `the handler returned ${typeof response}, not a Reply or a Response`);
  }
  if (response.status < 200) throw httpFailure("no_reply", "the handler returned an error Response");
  const reply = new Reply(response.status, "", bodyOf(response.body));
  const head: string[] = [];
  // set-cookie comes once for each cookie.
  for (const [rawName, value] of response.headers) {
    const name = rawName.toLowerCase();
    if (name === "content-length" && response.body !== null) reply.length = Number(value);
    if (!isFraming(name)) head.push(headerName(name), headerValue(name, value));
  }
  if (head.length > 0) reply.head = head;
  return reply;
}

function isResponse(value: unknown): value is Response {
  return value instanceof Response || Object.prototype.toString.call(value) === "[object Response]";
}

// A stream of another class than the native one can at least be iterated over.
function bodyOf(body: unknown): Body {
  if (body === null || body === undefined) return null;
  if (body instanceof ReadableStream || (typeof body === "object" && Symbol.asyncIterator in body)) return body as Body;
  throw httpFailure("no_reply", "the Response has a body that is no stream");
}
