import { kernel } from "../kernel.ts";
import { printNanoseconds } from "../../lib/kernel.ts";

const COUNT = 5_000;

await printNanoseconds({ count: COUNT }, async () => {
  for (let i = 0; i < COUNT; i++) await kernel();
});
