import type { Ctx } from "../context/index.ts";
import type { SpanAttr, SpanAttrs } from "./attr.ts";
import type { Trace } from "./w3c.ts";

/**
 * Span is a piece of work in a trace. All its methods may be called on any span, recorded or not, and after its end,
 * when they do nothing. Ending it is its owner's: with `using`, or by `span`, which does it itself.
 */
export interface Span extends Trace, Disposable {
  /** ctx is what the work is done with: spans, log lines and outgoing requests of it belong to this span. */
  readonly ctx: Ctx;
  /** recording says whether anything is kept; ask before computing something expensive. */
  readonly recording: boolean;
  /** set sets an attribute: at most 128, each up to 4,096 characters. */
  set(name: string, value: SpanAttr | undefined): this;
  /** rename changes the name, when a better one is known. */
  rename(name: string): this;
  /** event notes something that happened now: at most 128. */
  event(name: string, attrs?: SpanAttrs): this;
  /** link names a span of another trace that this one has to do with: at most 128. */
  link(to: Trace, attrs?: SpanAttrs): this;
  /**
   * fail notes an error: an event with its type, message and stack, `error.type` (a Failure's reason, else the class)
   * and the status. To be canceled is no error of the one who was: for the code "canceled" the status stays as it is.
   */
  fail(err: unknown): this;
  /** mark sets the status by hand, "ok" over any error, for whoever knows better. */
  mark(status: "ok" | "error", message?: string): this;
  /** end ends the span; further calls do nothing. */
  end(): void;
}
