import { types } from "node:util";

/** Shape is how an object can be tracked. */
export interface Shape {
  /** kind: by its fields, by its keys, or by its fields but for what its methods touch, which need the object itself. */
  readonly kind: "fields" | "map" | "set" | "opaque";
  /** name is what it is called if nobody says. */
  readonly name: string;
}

const shapes = new WeakMap<object, Shape>();

/** shapeOf is the shape of an object. */
export function shapeOf(object: object): Shape {
  if (object instanceof Map) return { kind: "map", name: "map" };
  if (object instanceof Set) return { kind: "set", name: "set" };
  // The Date of a world is no native class.
  if (types.isDate(object)) return { kind: "opaque", name: "date" };
  const proto: unknown = Object.getPrototypeOf(object);
  if (Array.isArray(object)) return { kind: "fields", name: "array" };
  if (typeof proto !== "object" || proto === null || proto === Object.prototype)
    return { kind: "fields", name: "object" };
  let shape = shapes.get(proto);
  if (shape === undefined) shapes.set(proto, (shape = classShape(proto)));
  return shape;
}

/** isReached says whether an object is tracked when it is reached through another one. */
export function isReached(value: unknown): value is object {
  if (typeof value !== "object" || value === null) return false;
  if (Array.isArray(value) || value instanceof Map || value instanceof Set) return true;
  const proto: unknown = Object.getPrototypeOf(value);
  return proto === Object.prototype || proto === null;
}

function classShape(proto: object): Shape {
  const name = proto.constructor.name || "object";
  for (
    let at: object | null = proto;
    at !== null && at !== Object.prototype;
    at = Object.getPrototypeOf(at) as object
  ) {
    if (Object.hasOwn(at, "constructor") && needsItself(at.constructor)) return { kind: "opaque", name };
  }
  return { kind: "fields", name };
}

// The methods of these throw when they are called on anything else, a proxy too.
function needsItself(constructor: unknown): boolean {
  const source = typeof constructor === "function" ? Function.prototype.toString.call(constructor) : "";
  return /\{\s*\[native code\]\s*\}\s*$/.test(source) || /[^\w$]#[\w$]/.test(source);
}
