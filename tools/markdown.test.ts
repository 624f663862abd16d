import assert from "node:assert/strict";
import { test } from "node:test";
import { parseMarkdown } from "./lib/markdown.ts";

const PAGE = `# The *HTTP* \`server\`: Q&A
see [a](./a.md#x "title") and [b](<b.md>) not \`[c](c.md)\` ![d](d.png)
[e]: e.md
## Twice
## Twice
\`\`\`ts
[f](f.md)
# not a heading
\`\`\`
~~~~bash
\`\`\`
~~~~
`;

test("links, anchors and blocks of a page", () => {
  const { links, anchors, blocks } = parseMarkdown(PAGE);
  assert.deepEqual(
    links.map(({ target, line }) => `${line} ${target}`),
    ["2 ./a.md#x", "2 b.md", "2 d.png", "3 e.md"],
  );
  assert.deepEqual([...anchors], ["the-http-server-qa", "twice", "twice-1"]);
  assert.deepEqual(blocks, [
    { info: "ts", line: 6, code: "[f](f.md)\n# not a heading" },
    { info: "bash", line: 10, code: "```" },
  ]);
});
