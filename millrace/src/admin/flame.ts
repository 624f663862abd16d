import { randomBytes } from "node:crypto";
import { Reply, html } from "../http/index.ts";
import { formatDuration } from "../time/index.ts";
import { FLAME_SCRIPT, FLAME_STYLE } from "./flame-script.ts";
import { type Frame, type Stacks, type ValueType, totalOf } from "./stacks.ts";

const ROW = 18;
// Narrower ones cannot be seen, and a profile of two minutes has ten thousands of them.
const MIN_SHARE = 0.001;

/** Box is a frame in its place: x and width in percent of the chart. */
interface Box {
  readonly frame: Frame;
  readonly total: number;
  readonly x: number;
  readonly width: number;
  readonly depth: number;
}

/**
 * flamePage is a profile as a page of its own: the callers above, what they call below, as wide as their share. It loads
 * nothing, and its Content-Security-Policy lets nothing run but its own script.
 */
export function flamePage(name: string, stacks: Stacks): Reply {
  const nonce = randomBytes(16).toString("base64");
  const unit = stacks.types.at(-1)?.unit ?? "count";
  const boxes = layout(stacks.root);
  const height = (1 + Math.max(0, ...boxes.map((box) => box.depth))) * ROW;
  const all = boxes[0]?.total ?? 0;
  const title = `${name}: ${amount(all, unit)} in ${formatDuration(Math.round(stacks.durationMs))}`;
  const frames = boxes.map((box) => frameMarkup(box, all, unit));
  const head = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <title>${title}</title>
     `;
  const body = html`</head>
    <body>
      <header>
        <h1>${title}</h1>
        <input type="search" placeholder="find a function or a file" aria-label="find" />
        <p id="said">Click a frame to look closer, the top one to go back.</p>
      </header>
      <svg id="chart" width="100%" height="${height}">${frames}</svg>
     `;
  // The style and the script hold no value, and html`` would escape their quotes.
  const style = `<style nonce="${nonce}">${FLAME_STYLE}</style>`;
  const script = `<script nonce="${nonce}">${FLAME_SCRIPT}</script>`;
  const page = [head.body, style, body.body, script, "</body></html>"].join("");
  return new Reply(200, "text/html; charset=utf-8", page).header(
    "content-security-policy",
    `default-src 'none'; script-src 'nonce-${nonce}'; style-src 'nonce-${nonce}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  );
}

function layout(root: Frame): Box[] {
  const all = totalOf(root);
  if (all === 0) return [];
  const boxes: Box[] = [];
  const place = (frame: Frame, total: number, x: number, depth: number): void => {
    boxes.push({ frame, total, x, width: (100 * total) / all, depth });
    let at = x;
    const calls = frame.calls.map((call) => ({ call, total: totalOf(call) }));
    for (const { call, total: share } of calls.toSorted((a, b) => b.total - a.total)) {
      if (share / all < MIN_SHARE) break;
      place(call, share, at, depth + 1);
      at += (100 * share) / all;
    }
  };
  place({ ...root, name: "all" }, all, 0, 0);
  return boxes;
}

// An svg in the svg: it cuts off a text that is too long, and what is in it scales with it.
function frameMarkup({ frame, total, x, width, depth }: Box, all: number, unit: ValueType["unit"]): Reply {
  const self = frame.self.at(-1) ?? 0;
  const where = frame.file === "" ? "" : ` ${frame.file}:${frame.line}`;
  const share = ((100 * total) / all).toFixed(1);
  const said = `${frame.name}${where}: ${amount(total, unit)}, ${share} %; itself ${amount(self, unit)}`;
  const [left, wide] = [x.toFixed(4), width.toFixed(4)];
  return html`<svg
    class="${kind(frame)}"
    x="${left}%"
    y="${depth * ROW}"
    width="${wide}%"
    height="${ROW - 1}"
    data-x="${left}"
    data-w="${wide}"
  >
    <title>${said}</title>
    <rect width="100%" height="100%" />
    <text x="3" y="13">${frame.name}</text>
  </svg> `;
}

function kind({ file, name }: Frame): string {
  if (file.includes("/node_modules/")) return "module";
  if (file.startsWith("node:")) return "node";
  return file === "" || name.startsWith("(") ? "engine" : "own";
}

function amount(value: number, unit: ValueType["unit"]): string {
  if (unit === "nanoseconds") return formatDuration(value / 1e6);
  if (unit === "count") return String(value);
  return value < 1e6 ? `${(value / 1e3).toFixed(1)} kB` : `${(value / 1e6).toFixed(1)} MB`;
}
