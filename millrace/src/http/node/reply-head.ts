import { isAppended } from "../header.ts";
import type { Reply } from "../reply.ts";
import type { Merged } from "../traits.ts";
import type { WireExchange } from "./wire.ts";

/** lengthOf is how many bytes an answer's body has, -1 where nobody knows. */
export function lengthOf(reply: Reply): number {
  const { body } = reply;
  if (typeof body === "string") return Buffer.byteLength(body);
  if (body === null) return 0;
  return body instanceof Uint8Array ? body.byteLength : reply.length;
}

/** headerLines are all headers but the framing; the static ones in one piece, unless one of them is set otherwise. */
export function headerLines(x: WireExchange, reply: Reply): string {
  const { traits, head } = x;
  const own = reply.head;
  if (head === null && own === null) return traits.block;
  let out = "";
  if (own !== null) for (let i = 0; i < own.length; i += 2) out += `${own[i]}: ${own[i + 1]}\r\n`;
  if (head !== null) {
    for (let i = 0; i < head.length; i += 2) {
      if (!stands(own, head[i]!)) out += `${head[i]}: ${head[i + 1]}\r\n`;
    }
  }
  return out + staticHeaders(traits, head, own);
}

function staticHeaders(traits: Merged, head: string[] | null, own: string[] | null): string {
  const { names } = traits;
  let replaced = false;
  for (const name of names) replaced ||= stands(own, name) || stands(head, name);
  if (!replaced) return traits.block;
  return traits.lines.filter((_, i) => !stands(own, names[i]!) && !stands(head, names[i]!)).join("");
}

// Whether a list has a header that takes the place of another of its name.
function stands(list: string[] | null, name: string): boolean {
  if (list === null) return false;
  for (let i = 0; i < list.length; i += 2) if (list[i] === name) return !isAppended(name);
  return false;
}

/** headerLists are the same for HTTP/2: names, and values of which there may be several. */
export function headerLists(x: WireExchange, reply: Reply): Record<string, string | string[]> {
  const lists: Record<string, string | string[]> = {};
  for (const line of headerLines(x, reply).split("\r\n").slice(0, -1)) {
    const colon = line.indexOf(":");
    const [name, value] = [line.slice(0, colon), line.slice(colon + 2)];
    const before = lists[name];
    lists[name] = before === undefined ? value : [before, value].flat();
  }
  return lists;
}
