import { kernels } from "./kernels.ts";
import { type Size, measure } from "./measure.ts";

/** Order is what a worker is sent: which kernel to measure. It answers with a Measured. */
export interface Order {
  readonly id: number;
  readonly size: Size;
}

process.on("message", ({ id, size }: Order) => {
  const kernel = kernels.find((one) => one.id === id);
  if (kernel === undefined) throw new Error(`corpus: no kernel ${id}`);
  void measure(kernel, size).then((measured) => process.send!(measured));
});
