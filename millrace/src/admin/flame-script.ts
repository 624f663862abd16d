/** FLAME_STYLE is how the flame graph looks. */
export const FLAME_STYLE = `
body { margin: 0; font: 12px/1.4 ui-monospace, monospace; background: #fff; color: #222 }
header { padding: 8px 12px } h1 { font-size: 14px; margin: 0 0 6px } input { font: inherit; width: 24em }
p { margin: 6px 0 0; min-height: 1.4em; overflow-wrap: anywhere }
#chart svg { cursor: pointer } #chart text { pointer-events: none; font-size: 11px }
.own rect { fill: #f4a259 } .module rect { fill: #b5d48a } .node rect { fill: #9cc3e6 } .engine rect { fill: #d0d0d0 }
#chart svg:hover rect { stroke: #222 } #chart.found svg rect { opacity: .25 } #chart.found svg.hit rect { opacity: 1 }
`;

/** FLAME_SCRIPT is what its page runs: looking closer, finding, and saying what is under the pointer. */
export const FLAME_SCRIPT = `
"use strict";
const chart = document.getElementById("chart");
const said = document.getElementById("said");
const frames = Array.from(chart.children, (el) => ({
  el, x: Number(el.dataset.x), w: Number(el.dataset.w), y: Number(el.getAttribute("y")),
  text: el.firstElementChild.textContent,
}));
const of = (event) => frames.find(({ el }) => el === event.target.closest("#chart > svg"));
chart.addEventListener("mouseover", (event) => { const f = of(event); if (f) said.textContent = f.text; });
chart.addEventListener("click", (event) => {
  const on = of(event);
  if (!on) return;
  const slack = 0.0002;
  for (const f of frames) {
    const above = f.y <= on.y && f.x <= on.x + slack && f.x + f.w >= on.x + on.w - slack;
    const below = f.y > on.y && f.x >= on.x - slack && f.x + f.w <= on.x + on.w + slack;
    f.el.style.display = above || below ? "" : "none";
    f.el.setAttribute("x", (above ? 0 : (100 * (f.x - on.x)) / on.w) + "%");
    f.el.setAttribute("width", (above ? 100 : (100 * f.w) / on.w) + "%");
  }
});
document.querySelector("input").addEventListener("input", (event) => {
  const sought = event.target.value.toLowerCase();
  chart.classList.toggle("found", sought !== "");
  for (const f of frames) f.el.classList.toggle("hit", sought !== "" && f.text.toLowerCase().includes(sought));
});
`;
