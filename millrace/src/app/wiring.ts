import { Failure } from "../errors/index.ts";
import { Component, type Needs } from "./component.ts";

/**
 * wiring is the components that are wanted and all that they need, each after what it needs. Throws one failure
 * ("app/wiring") that lists everything that is wrong.
 */
export function wiring(wanted: Needs): Component<unknown>[] {
  const found = new Wiring();
  for (const [name, each] of Object.entries(wanted)) found.visit("the start", name, each);
  if (found.problems.length === 0) return [...found.order];
  const count = found.problems.length === 1 ? "1 problem" : `${found.problems.length} problems`;
  throw new Failure(
    [`app: ${count} with the components; none was started:`, "", ...found.problems.map((each) => `  ${each}`)].join(
      "\n",
    ),
    { code: "internal", reason: "app/wiring" },
  );
}

class Wiring {
  readonly order: Set<Component<unknown>> = new Set();
  readonly problems: string[] = [];
  readonly #names = new Set<string>();
  readonly #seen = new Set<Component<unknown>>();
  // From what is wanted down to what is looked at.
  readonly #path: Component<unknown>[] = [];

  visit(by: string, name: string, each: unknown): void {
    if (!(each instanceof Component)) {
      this.problems.push(`${by} needs "${name}", which is ${kindOf(each)} and no component`);
      return;
    }
    const at = this.#path.indexOf(each);
    if (at >= 0) {
      const circle = [...this.#path.slice(at), each].map((one) => one.name);
      this.problems.push(circle.length === 2 ? `${each.name} needs itself` : `a circle: ${circle.join(" needs ")}`);
    }
    if (this.#seen.has(each)) return;
    this.#seen.add(each);
    if (this.#names.has(each.name)) this.problems.push(`two components are called ${each.name}`);
    this.#names.add(each.name);
    this.#path.push(each);
    for (const [key, need] of Object.entries(each.spec.needs ?? {})) this.visit(each.name, key, need);
    this.#path.pop();
    this.order.add(each);
  }
}

// Two files that import each other see undefined.
function kindOf(value: unknown): string {
  if (value === undefined) return "undefined (do two files import each other?)";
  return value === null ? "null" : typeof value;
}
