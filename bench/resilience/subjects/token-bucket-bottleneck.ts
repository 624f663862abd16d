import assert from "node:assert/strict";
import Bottleneck from "bottleneck";
import { printTogether } from "../kernels.ts";

const bucket = (reservoir: number): Bottleneck =>
  new Bottleneck({ reservoir, reservoirIncreaseAmount: reservoir, reservoirIncreaseInterval: 250 });

const proven = bucket(2);
let made = 0;
for (let i = 0; i < 3; i++) void proven.schedule(async () => void made++);
await new Promise((resolve) => setTimeout(resolve, 50));
assert.equal(made, 2);

const limiter = bucket(1e9);
await printTogether((fn) => limiter.schedule(() => fn()), 1);
process.exit();
