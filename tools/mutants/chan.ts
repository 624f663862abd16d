import { type Mutant, mutantsOf } from "./mutant.ts";

const TESTS = ["chan/*.test.ts"];

/** chan: sends, receives, close and iteration. */
export const chan: readonly Mutant[] = [
  ...mutantsOf("chan/channel.ts", TESTS, [
    ["a closed channel is empty", "if (!this.#closed) return empty;", "return empty;"],
    [
      "a close drops what is buffered",
      "if (this.#buffer.length > 0) {",
      "if (this.#buffer.length > 0 && !this.#closed) {",
    ],
    ["no waiting sender moves up", "if (sender !== null) this.#buffer.push(this.#accept(sender));", ""],
    ["a sender whose value was taken waits on", "    sender.complete(undefined);\n", ""],
    [
      "a waiting receiver is passed over when there is a buffer",
      "const receiver = this.#receivers.shift();",
      "const receiver = this.capacity > 0 ? null : this.#receivers.shift();",
    ],
    [
      "there is room for one more",
      "if (this.#buffer.length === this.#buffer.capacity) return false;",
      "if (this.#buffer.length > this.#buffer.capacity) return false;",
    ],
    [
      "a full buffer says that it took the value",
      "if (this.#buffer.length === this.#buffer.capacity) return false;",
      "if (this.#buffer.length === this.#buffer.capacity) return true;",
    ],
    [
      "a close wakes one receiver",
      "waiter !== null; waiter = this.#receivers.shift()",
      "waiter !== null; waiter = null",
    ],
    ["a close wakes one sender", "waiter !== null; waiter = this.#senders.shift()", "waiter !== null; waiter = null"],
    ["a close lets a waiting sender's send succeed", "waiter.fail(sendOnClosed());", "waiter.complete(undefined);"],
    ["closing twice is fine", "    if (this.#closed) throw closeOfClosed();\n", ""],
    [
      "trySend on a closed channel is false",
      "if (this.#closed) throw sendOnClosed();",
      "if (this.#closed) return false;",
    ],
    ["`using` closes a second time", "if (!this.#closed) this.close();", "this.close();"],
    [
      "recv with a done context takes a value",
      "if (node.core.ended !== null) return Promise.reject(node.core.ended.error());\n    const value",
      "const value",
    ],
    [
      "send with a done context puts its value",
      "if (node.core.ended !== null) return Promise.reject(node.core.ended.error());\n    if (this.#closed)",
      "if (this.#closed)",
    ],
    [
      "a waiting receive ignores its context",
      "this.#receivers.push(waiter);\n    park(node, waiter);",
      "this.#receivers.push(waiter);",
    ],
    [
      "a waiting send ignores its context",
      "this.#senders.push(waiter);\n    park(node, waiter);",
      "this.#senders.push(waiter);",
    ],
  ]),
  ...mutantsOf("chan/chan.ts", TESTS, [
    ["a negative capacity is taken", "capacity < 0 || ", ""],
    ["a capacity of any size is taken", " || capacity > 2 ** 31", ""],
    ["a fraction is a capacity", "!Number.isInteger(capacity) || ", ""],
  ]),
  ...mutantsOf("chan/ring.ts", TESTS, [
    ["a slot holds on to what was read", "this.#slots[this.#head] = undefined;", ""],
    ["growing puts the values in another order", "old[(this.#head + i) & (old.length - 1)]", "old[i]"],
    ["growing forgets where the oldest is", "    this.#head = 0;\n", ""],
    [
      "a read does not go round",
      "this.#head = (this.#head + 1) & (this.#slots.length - 1);",
      "this.#head = this.#head + 1;",
    ],
  ]),
  ...mutantsOf("chan/iterate.ts", TESTS, [
    [
      "undefined ends the loop",
      "return value === closed ? END :",
      "return value === closed || value === undefined ? END :",
    ],
    ["a loop under a done context goes on", "if (ended !== null) return Promise.reject(ended.error());", ""],
    ["batches under a done context go on", "if (ended !== null) throw ended.error();", ""],
    ["a batch is one too long", "while (batch.length < this.#max) {", "while (batch.length <= this.#max) {"],
    ["a batch may be of no size", " || max < 1", ""],
    [
      "a batch waits until it is full",
      "      value = this.#source.tryRecv();\n",
      "      value = this.#source.tryRecv();\n      if (value === empty) value = await this.#source.parkRecv<T | Closed>(this.#ctx, new Parked());\n",
    ],
  ]),
];
