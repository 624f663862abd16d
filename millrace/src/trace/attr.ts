/** SpanAttr is the value of an attribute. A list holds values of one type. */
export type SpanAttr = string | number | boolean | readonly string[] | readonly number[] | readonly boolean[];

/** SpanAttrs are named values; one that is undefined is left out. Names: https://opentelemetry.io/docs/specs/semconv/ */
export type SpanAttrs = Readonly<Record<string, SpanAttr | undefined>>;

// As OpenTelemetry's SDKs have it by default.
const MAX_ATTRS = 128;
// A stack or a statement is worth this much; OpenTelemetry leaves it open, and an open end is no bound.
const MAX_CHARS = 4096;

/** AttrBag holds a bounded number of attributes, and counts what did not fit. */
export class AttrBag {
  readonly values: Record<string, SpanAttr> = {};
  #size = 0;
  dropped = 0;

  set(name: string, value: SpanAttr | undefined): void {
    if (value === undefined) return;
    if (!Object.hasOwn(this.values, name) && ++this.#size > MAX_ATTRS) {
      this.#size--;
      this.dropped++;
      return;
    }
    this.values[name] = cut(value);
  }

  /** add sets all of them. */
  add(attrs: SpanAttrs | undefined): this {
    for (const name in attrs) this.set(name, attrs[name]);
    return this;
  }
}

function cut(value: SpanAttr): SpanAttr {
  if (typeof value === "string") return value.length > MAX_CHARS ? value.slice(0, MAX_CHARS) : value;
  if (typeof value !== "object") return value;
  // A list is copied, for its owner may go on changing it; the values keep their one type.
  return value.slice(0, MAX_ATTRS).map((one) => cut(one)) as unknown as SpanAttr;
}
