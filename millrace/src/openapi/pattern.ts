/**
 * pathOf writes a route's pattern as OpenAPI does: "/users/:id(\\d+)" is "/users/{id}". What OpenAPI has no form for, an
 * optional part or one without a name, throws.
 */
export function pathOf(pattern: string): string {
  const path = pattern
    .replaceAll(/:(\w+)(?:\((?:\\.|[^()\\])*\))?([?+*])?/g, (_all, name: string, modifier: string | undefined) => {
      if (modifier === "?" || modifier === "*")
        throw new TypeError(`:${name}${modifier} is optional: write two routes`);
      return `{${name}}`;
    })
    .replaceAll(/\*\*:(\w+)/g, "{$1}")
    .replaceAll(/\*\*\{(\w+)\}/g, "{$1}");
  const rest = path.replaceAll(/\{\w+\}/g, "");
  if (/[*(){}?:]/.test(rest)) throw new TypeError("each variable part of the path needs a name of its own");
  return path;
}

/** namesOf are the parameters of an OpenAPI path. */
export function namesOf(path: string): string[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => name);
}
