export { type Chan, type NoThenable, type Receiver, type Sender, chan } from "./chan.ts";
export { type Closed, type Empty, closed, empty } from "./sentinel.ts";
