import crypto from "node:crypto";
import type { Patches } from "./patches.ts";
import { type World, worlds } from "./world.ts";

type RandomBytes = (this: unknown, size: number, callback?: (err: null, bytes: Buffer) => void) => Buffer | undefined;
type RandomInt = (this: unknown, ...args: unknown[]) => number;

/**
 * patchRandomness has Math.random, randomUUID, getRandomValues, and randomBytes and randomInt of node:crypto take their
 * numbers from the world. What else node:crypto makes, keys for one, stays random.
 */
export function patchRandomness(patches: Patches): void {
  patches.replace(Math, "random", (real) => {
    return function random(this: unknown) {
      const world = worlds.getStore();
      return world === undefined ? real.call(this) : world.random();
    };
  });
  const web = Object.getPrototypeOf(globalThis.crypto) as object;
  for (const on of [web, crypto]) {
    patches.replace(on, "randomUUID", (real: (this: unknown, options?: object) => string) => {
      return function (options) {
        const world = worlds.getStore();
        return world === undefined ? real.call(this, options) : uuid(world);
      };
    });
  }
  // That of node:crypto is this one.
  patches.replace(web, "getRandomValues", (real: (this: unknown, into: NodeJS.TypedArray) => NodeJS.TypedArray) => {
    return function (into) {
      const world = worlds.getStore();
      // For the errors that it throws.
      const filled = real.call(this, into);
      if (world !== undefined) fill(world, new Uint8Array(into.buffer, into.byteOffset, into.byteLength));
      return filled;
    };
  });
  patches.replace(crypto, "randomBytes", (real: RandomBytes): RandomBytes => {
    return function (size, callback) {
      const world = worlds.getStore();
      // The real one as well, for the errors that it throws.
      if (world === undefined) return real.call(this, size, callback);
      const bytes = fill(world, real.call(this, size)!);
      if (callback === undefined) return bytes;
      setImmediate(callback, null, bytes);
      return undefined;
    };
  });
  patches.replace(crypto, "randomInt", (real: RandomInt): RandomInt => {
    return function (...args) {
      const world = worlds.getStore();
      const [min, max] = args.length === 1 ? [0, args[0]] : args;
      const sync = args.length < 3 && typeof min === "number" && typeof max === "number";
      if (world === undefined || !sync) return real.apply(this, args);
      // For the errors that it throws.
      real.call(this, min, max);
      return min + Math.trunc(world.random() * (max - min));
    };
  });
}

function fill<B extends Uint8Array>(world: World, bytes: B): B {
  for (let i = 0; i < bytes.length; i++) bytes[i] = Math.trunc(world.random() * 256);
  return bytes;
}

// Version 4. Source: RFC 9562 section 5.4.
function uuid(world: World): `${string}-${string}-${string}-${string}-${string}` {
  const bytes = fill(world, Buffer.alloc(16));
  bytes[6] = (bytes[6]! & 0x0f) | 0x40;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = bytes.toString("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
