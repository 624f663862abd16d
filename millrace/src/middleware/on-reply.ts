import { Reply } from "../http/index.ts";
import { replyOf } from "../http/from-response.ts";

type Answer = Reply | Response;

/**
 * onReply gives a handler's answer to a function, as a Reply, and its result to whoever called. An answer that is there
 * at once stays so: a promise where none was needed costs a turn of the loop.
 */
export function onReply(
  result: Answer | Promise<Answer>,
  fn: (reply: Reply) => Reply | Promise<Reply>,
): Reply | Promise<Reply> {
  if (result instanceof Promise) return result.then((answer) => fn(asReply(answer)));
  return fn(asReply(result));
}

/** headerOf is a header that a reply itself sets; the name is in lower case. */
export function headerOf(reply: Reply, name: string): string | undefined {
  const { head } = reply;
  if (head === null) return undefined;
  for (let i = 0; i < head.length; i += 2) if (head[i] === name) return head[i + 1];
  return undefined;
}

/** typeOf is a reply's content-type; a native Response has it among its headers. */
export function typeOf(reply: Reply): string {
  return reply.type === "" ? (headerOf(reply, "content-type") ?? "") : reply.type;
}

function asReply(answer: Answer): Reply {
  return answer instanceof Reply ? answer : replyOf(answer);
}
