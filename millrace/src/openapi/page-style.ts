/** STYLE is the documentation page's. Colours have a contrast of at least 4.5:1 in both schemes. */
export const STYLE = `
:root { color-scheme: light dark; --text: light-dark(#1a1d21, #e4e6ea); --dim: light-dark(#59616b, #9aa3ae);
  --back: light-dark(#fff, #16181c); --card: light-dark(#f6f7f9, #1e2126); --line: light-dark(#dde1e6, #343941);
  --link: light-dark(#0b57b7, #7db4ff); --bad: light-dark(#b3261e, #ff8a80); --good: light-dark(#17693a, #6fd196);
  --get: light-dark(#0b57b7, #7db4ff); --post: light-dark(#17693a, #6fd196); --put: light-dark(#8a5200, #f0b35a);
  --patch: light-dark(#6a3fb5, #c1a1ff); --delete: light-dark(#b3261e, #ff8a80); }
* { box-sizing: border-box; }
body { margin: 0; color: var(--text); background: var(--back); font: 15px/1.5 system-ui, sans-serif; }
a { color: var(--link); text-decoration: none; } a:hover { text-decoration: underline; }
:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }
#loading { padding: 2rem; }
.skip { position: absolute; left: -99rem; } .skip:focus { left: 1rem; top: 1rem; background: var(--back); padding: .5rem; }
.all { display: grid; grid-template-columns: 19rem minmax(0, 1fr); max-width: 82rem; margin: 0 auto; }
nav { position: sticky; top: 0; height: 100vh; overflow-y: auto; padding: 1.25rem 1rem; border-right: 1px solid var(--line); }
nav h2 { font-size: .8rem; text-transform: uppercase; letter-spacing: .04em; color: var(--dim); margin: 1.2rem 0 .3rem; }
nav ul { list-style: none; margin: 0; padding: 0; } nav li { padding: .12rem 0; overflow-wrap: anywhere; font-size: .9rem; }
main { padding: 1.25rem 2rem 6rem; min-width: 0; }
h1 { margin: 0; font-size: 1.6rem; } h2 { margin: 2.2rem 0 .6rem; font-size: 1.25rem; }
h3 { margin: 1.2rem 0 .4rem; font-size: .95rem; } .dim { color: var(--dim); } p { margin: .4rem 0; }
code, pre, textarea, .path, .method { font-family: ui-monospace, "SF Mono", Menlo, Consolas, monospace; font-size: .86rem; }
pre { background: var(--card); border: 1px solid var(--line); border-radius: 6px; padding: .7rem; margin: .4rem 0; overflow: auto;
  max-height: 30rem; white-space: pre-wrap; overflow-wrap: anywhere; }
.method { font-weight: 700; display: inline-block; min-width: 4.2rem; } nav .method { min-width: 3.6rem; font-size: .72rem; }
.get { color: var(--get); } .post { color: var(--post); } .put { color: var(--put); } .patch { color: var(--patch); }
.delete { color: var(--delete); } .good { color: var(--good); } .bad { color: var(--bad); }
details.card { border: 1px solid var(--line); border-radius: 8px; margin: .5rem 0; }
details.card > summary { cursor: pointer; padding: .55rem .8rem; background: var(--card); border-radius: 8px; overflow-wrap: anywhere; }
details.card > div { padding: .3rem .9rem 1rem; } .gone { text-decoration: line-through; }
table { border-collapse: collapse; width: 100%; } td, th { text-align: left; vertical-align: top; padding: .3rem .6rem .3rem 0;
  border-bottom: 1px solid var(--line); font-weight: normal; } th { color: var(--dim); font-size: .85rem; }
input, select, textarea, button { font: inherit; color: inherit; background: var(--back); border: 1px solid var(--dim);
  border-radius: 6px; padding: .35rem .55rem; } input, textarea { width: 100%; } textarea { min-height: 9rem; font: .86rem/1.5 ui-monospace, Menlo, Consolas, monospace; }
button { cursor: pointer; background: var(--link); color: var(--back); border-color: transparent; font-weight: 600; padding: .4rem 1rem; }
form label { display: block; margin: .5rem 0; } .row { display: flex; gap: .6rem; align-items: center; margin: .6rem 0; }
[hidden] { display: none !important; }
@media (max-width: 50rem) { .all { display: block; } nav { position: static; height: auto; border: 0; } main { padding: 1rem; } }
`;
