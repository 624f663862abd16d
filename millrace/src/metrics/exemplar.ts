/** Exemplar is one observation with the trace that it was made in. It is written over in place. @internal */
export class Exemplar {
  value = 0;
  traceId = "";
  unixMs = 0;

  /** set replaces what it shows. */
  set(value: number, traceId: string): void {
    this.value = value;
    this.traceId = traceId;
    this.unixMs = Date.now();
  }
}
