import { baseline } from "./baseline.ts";
import { kernels } from "./kernels.ts";
for (const id of process.argv.slice(3).map(Number)) {
const k = kernels.find((x) => x.id === id)!;
const n = Number(process.argv[2]);
for (let i = 0; i < 3; i++) console.log(id, JSON.stringify(await baseline(k.buggy, n)), JSON.stringify(await baseline(k.fixed, n)));
}
