import { explore, ExploreError } from "millrace/test";
import * as test from "millrace/test";
import { kernels } from "./kernels.ts";
const seeds = Number(process.argv[3] ?? 20), fixedRuns = Number(process.argv[4] ?? 2000);
const only = process.argv[2] === "all" || process.argv[2] === undefined ? undefined : process.argv[2].split(",").map(Number);
const io = async (v?: any) => { await Promise.resolve(); return v; };
const patched = "tracked" in test;
const env = (t: any): any => ({ ctx: t.ctx, io, sleep: process.env.TS ? t.sleep.bind(t) : (ms: number) => new Promise((r) => setTimeout(r, ms)), tracked: (o: any, n: string) => patched ? (test as any).tracked(o, n) : o });
for (const k of kernels) {
  if (only && !only.includes(k.id)) continue;
  const found: number[] = []; const kinds: Record<string, number> = {}; let replays = 0, other = 0, sw: number[] = []; let sample = "";
  const t0 = performance.now();
  for (let seed = 1; seed <= seeds; seed++) {
    try { await explore((t) => k.buggy(env(t)), { seed, runs: 1000 }); }
    catch (e: any) {
      if (!(e instanceof ExploreError)) { other++; sample ||= String(e); continue; }
      found.push(e.schedule); sw.push(e.switches); kinds[e.kind] = (kinds[e.kind] ?? 0) + 1; sample ||= e.message;
      try { await explore((t) => k.buggy(env(t)), { replay: e.replay }); } catch (f: any) { if (f.kind === e.kind) replays++; }
    }
  }
  const t1 = performance.now();
  let fixed = "0"; let steps = 0;
  try { const r = await explore((t) => k.fixed(env(t)), { seed: 1, runs: fixedRuns }); steps = r.steps / r.runs; } catch (e: any) { fixed = e.stack.slice(0, 1500); }
  const t2 = performance.now();
  found.sort((a, b) => a - b); sw.sort((a,b)=>a-b);
  console.log(String(k.id).padStart(2), k.name.padEnd(42), `${found.length}/${seeds}`, "med", found[found.length >> 1], "p90", found[Math.floor(found.length * .9)], "sw", sw[sw.length>>1], JSON.stringify(kinds), "replay", replays, other ? `OTHER ${other}` : "", "|", steps.toFixed(0), "steps", (t1 - t0).toFixed(0), "ms", (t2 - t1).toFixed(0), "ms", fixed === "0" ? "" : `FIXED FAILS: ${fixed}`);
  if (process.env.V) console.log(sample);
}
