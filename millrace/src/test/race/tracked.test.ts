import assert from "node:assert/strict";
import { test } from "node:test";
import { bubble } from "../bubble.ts";
import { atomicGroup, tracked } from "./tracked.ts";

class Counter {
  static made = 0;
  #n = 0;
  readonly name: string = "counter";

  get n(): number {
    return this.#n;
  }

  set n(to: number) {
    this.#n = to;
  }

  add(by: number): this {
    this.#n += by;
    return this;
  }
}

class Point {
  x = 1;
  y = 2;

  get sum(): number {
    return this.x + this.y;
  }

  move(by: number): void {
    this.x += by;
  }
}

test("outside of a world tracked returns the object itself, and atomicGroup does nothing", () => {
  const object = {};
  assert.equal(tracked(object), object);
  atomicGroup("nothing", object);
});

test("a program whose races are off gets the object itself", async () => {
  await bubble(
    () => {
      const object = {};
      assert.equal(tracked(object), object);
    },
    { races: "off" },
  );
});

/** cases do the same with an object and with its proxy. */
const cases: readonly { name: string; make: () => object; use: (object: never) => unknown }[] = [
  {
    name: "a plain object",
    make: () => ({ a: 1, nested: { b: [1, 2, { c: 3 }] }, gone: true }),
    use(object: { a: number; nested: { b: unknown[] }; gone?: boolean; more?: number }) {
      object.a += 1;
      delete object.gone;
      object.nested.b.push(4);
      object.nested.b[9] = "far";
      object.more = object.nested.b.length;
      Object.defineProperty(object, "hidden", { value: 1, configurable: true });
      return [JSON.stringify(object), "gone" in object, Object.keys(object), { ...object }, object.nested.b.indexOf(4)];
    },
  },
  {
    name: "an array",
    make: () => [3, 1, 2],
    use: (array: number[]) => [
      array.copyWithin(0, 1),
      array.map((n) => n * 2),
      array.pop(),
      array.splice(0, 1),
      [...array],
      Array.isArray(array),
      array.concat([7]),
    ],
  },
  {
    name: "a frozen object",
    make: () => Object.freeze({ inner: { n: 1 } }),
    use(object: { inner: { n: number } }) {
      object.inner.n++;
      return object.inner.n;
    },
  },
  {
    name: "a Map",
    make: () => new Map<string, unknown>([["a", { n: 1 }]]),
    use(map: Map<string, { n: number }>) {
      map.set("b", { n: 2 }).set("c", { n: 3 });
      map.get("a")!.n++;
      const seen: unknown[] = [];
      map.forEach((value, key) => seen.push(key, value.n));
      return [seen, map.delete("b"), map.has("b"), map.size, [...map.keys()], [...map.values()], [...map], map.clear()];
    },
  },
  {
    name: "a Set",
    make: () => new Set<number>([1]),
    use(set: Set<number>) {
      set.add(2).add(3);
      const seen: number[] = [];
      set.forEach((n) => seen.push(n));
      return [seen, set.delete(2), set.has(2), set.size, [...set], [...set.entries()], [...set.union(new Set([9]))]];
    },
  },
  {
    name: "a class with public fields",
    make: () => new Point(),
    use(point: Point) {
      point.move(4);
      return [point.sum, point.x, point instanceof Point];
    },
  },
  {
    name: "a class with private fields",
    make: () => new Counter(),
    use(counter: Counter) {
      counter.n = 4;
      counter.add(2);
      return [counter.n, counter.name];
    },
  },
  {
    name: "a Date",
    make: () => new Date(5),
    use: (date: Date) => [date.getTime(), date.setTime(7), date.toISOString()],
  },
  {
    name: "what inherits from it",
    make: () => ({ a: 1 }),
    use(object: { a: number }) {
      const heir = Object.create(object) as { a: number };
      heir.a = 2;
      return [object.a, heir.a, Object.keys(heir)];
    },
  },
];

for (const { name, make, use } of cases) {
  test(`tracked works like ${name}`, async () => {
    const [plain, object] = [make(), make()];
    const want = use(plain as never);
    await bubble(() => assert.deepEqual(use(tracked(object) as never), want));
    assert.deepEqual(object, plain, "and changes the object, which holds no proxies");
  });
}

test("an object has one proxy, however it is reached, and a proxy is stored as what it stands for", async () => {
  await bubble(() => {
    const inner = { n: 1 };
    const object = { inner, same: inner, other: undefined as unknown };
    const proxy = tracked(object);
    assert.equal(proxy.inner, proxy.same);
    assert.equal(tracked(inner), proxy.inner);
    assert.equal(tracked(proxy), proxy);
    proxy.other = proxy.inner;
    assert.equal(object.other, inner);
  });
});

test("246: a location is named by its path", async () => {
  await assert.rejects(
    bubble(async () => {
      const shop = tracked({ carts: new Map([["ann", { items: [{ n: 1 }] }]]) }, "shop");
      const buy = async (): Promise<void> => {
        const item = shop.carts.get("ann")!.items[0]!;
        const { n } = item;
        await Promise.resolve();
        item.n = n + 1;
      };
      await Promise.all([buy(), buy()]);
    }),
    { message: /stale write of shop\.carts\.ann\.items\[0\]\.n: / },
  );
});

test("atomicGroup refuses what is not tracked", async () => {
  await bubble(() => assert.throws(() => atomicGroup("sum", {}), TypeError));
});
