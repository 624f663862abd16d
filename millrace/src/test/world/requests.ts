import { createHook } from "node:async_hooks";
import { type World, worlds } from "./world.ts";

// Requests end by themselves; handles, as those of sockets, servers and child processes, are open for as long as somebody
// likes. A real setImmediate in a world is that of Node's own JavaScript. Names: the providers in Node's src/async_wrap.h.
const REQUEST =
  /^(FSREQ|FILEHANDLECLOSEREQ|GET(ADDR|NAME)INFOREQ|QUERYWRAP|WRITEWRAP|SHUTDOWNWRAP|UDPSENDWRAP)|CONNECTWRAP$|REQUEST$|^Immediate$/;
// Made by JavaScript, and open for as long as the server takes to answer.
const NONE = "HTTPCLIENTREQUEST";

// What is made of C++ has a name in capitals; but Node 24 cannot leave out promises.
const NATIVE = /^(?!PROMISE$)[A-Z\d]+$/;

// A compressor is a handle, but each of its writes is a request.
interface Compressor {
  write(...args: unknown[]): unknown;
}

/**
 * Requests counts what the code of each world has asked of the system and not been answered: files, connections, names,
 * ciphers, compression. Time must not move while there are any. What a socket has yet to receive is not among them.
 */
export class Requests implements Disposable {
  readonly #open = new Map<number, World>();
  readonly #counts = new WeakMap<World, number>();
  readonly #native = new WeakSet<World>();
  readonly #hook = createHook({
    init: (id, type, _trigger, resource) => {
      const world = worlds.getStore();
      if (world === undefined) return;
      if (NATIVE.test(type)) this.#native.add(world);
      if (type === "ZLIB") this.#watch(id, world, resource as Compressor);
      else if (REQUEST.test(type) && type !== NONE) this.#begin(id, world);
    },
    before: (id) => this.#end(id),
    // Without an answer: it was given up.
    destroy: (id) => this.#end(id),
    trackPromises: false,
  }).enable();

  /** of is how many requests of a world are open. */
  of(world: World): number {
    return this.#counts.get(world) ?? 0;
  }

  /**
   * native says whether the world has used anything that may come back in a turn of the event loop without a request, as
   * http2 does, which writes at the end of one.
   */
  native(world: World): boolean {
    return this.#native.has(world);
  }

  [Symbol.dispose](): void {
    this.#hook.disable();
    this.#open.clear();
  }

  #begin(id: number, world: World): void {
    if (this.#open.has(id)) return;
    this.#open.set(id, world);
    this.#counts.set(world, this.of(world) + 1);
  }

  #end(id: number): void {
    const world = this.#open.get(id);
    if (world === undefined) return;
    this.#open.delete(id);
    this.#counts.set(world, this.of(world) - 1);
  }

  #watch(id: number, world: World, compressor: Compressor): void {
    const write = compressor.write.bind(compressor);
    compressor.write = (...args) => {
      this.#begin(id, world);
      return write(...args);
    };
  }
}
