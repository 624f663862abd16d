/** Block is a fenced block of code. */
export interface Block {
  /** info is what follows the fence: "ts", "bash". */
  readonly info: string;
  readonly code: string;
  readonly line: number;
}

/** Page is what the checks read from a Markdown file. */
export interface Page {
  readonly links: readonly { readonly target: string; readonly line: number }[];
  /** anchors are the fragments that a link may point to, as GitHub makes them from headings. */
  readonly anchors: ReadonlySet<string>;
  readonly blocks: readonly Block[];
}

/** parseMarkdown reads links, headings and fenced blocks; what is inside a block or a code span is neither. */
export function parseMarkdown(text: string): Page {
  const links: { target: string; line: number }[] = [];
  const anchors = new Set<string>();
  const blocks: Block[] = [];
  let open: { fence: string; info: string; line: number; lines: string[] } | undefined;
  for (const [index, line] of text.split("\n").entries()) {
    const fence = /^\s*(`{3,}|~{3,})\s*(.*)$/.exec(line);
    if (open !== undefined) {
      if (fence?.[1]?.startsWith(open.fence) && fence[2] === "") {
        blocks.push({ info: open.info, line: open.line, code: open.lines.join("\n") });
        open = undefined;
      } else open.lines.push(line);
      continue;
    }
    if (fence !== null) {
      open = { fence: fence[1]!, info: fence[2]!.trim(), line: index + 1, lines: [] };
      continue;
    }
    const heading = /^#{1,6}\s+(.+?)\s*#*$/.exec(line);
    if (heading !== null) addAnchor(anchors, heading[1]!);
    for (const [, name] of line.matchAll(/<a (?:id|name)="([^"]+)"/g)) anchors.add(name!);
    const prose = line.replace(/`[^`]*`/g, "``");
    for (const [, target] of prose.matchAll(/\]\(\s*<?([^)\s>]+)>?[^)]*\)/g))
      links.push({ target: target!, line: index + 1 });
    const reference = /^\s*\[[^\]]+\]:\s*<?([^\s>]+)/.exec(prose);
    if (reference !== null) links.push({ target: reference[1]!, line: index + 1 });
  }
  return { links, anchors, blocks };
}

/** addAnchor makes GitHub's fragment of a heading; the second heading of the same text gets "-1", and so on. */
function addAnchor(anchors: Set<string>, heading: string): void {
  const text = heading.replace(/\[([^\]]*)\]\([^)]*\)/g, "$1").toLowerCase();
  const slug = text.replace(/[^\p{L}\p{N}\s_-]/gu, "").replace(/\s/g, "-");
  let name = slug;
  for (let n = 1; anchors.has(name); n++) name = `${slug}-${n}`;
  anchors.add(name);
}
