import { type Section, chunked, get, head, post } from "./row.ts";
import { WHY } from "./why.ts";

const CLOSE = "connection: close";

/** connection: what is kept open, in which order answers come, and what ends it. */
export const connection: Section = {
  name: "the connection",
  rows: [
    {
      name: "kept open",
      clause: "9112 9.3",
      send: [get("/1"), 1, get("/2"), 2, get("/3")],
      want: "200 GET /1 | 200 GET /2 | 200 GET /3 | open",
    },
    { name: "Connection: close", clause: "9112 9.6", send: get("/", CLOSE), want: "200 GET / | closed" },
    {
      name: "Connection: Close, among others",
      clause: "9110 7.6.1",
      send: get("/", "connection: foo, Close"),
      want: "200 GET / | closed",
    },
    {
      name: "Connection: close in a second line",
      clause: "9110 7.6.1",
      send: get("/", "connection: foo", CLOSE),
      want: "200 GET / | closed",
    },
    {
      name: "close and keep-alive",
      clause: "9112 9.3",
      send: get("/", "connection: keep-alive, close"),
      want: "200 GET / | closed",
    },
    {
      name: "what is behind a close is not taken up",
      clause: "9112 9.6",
      send: get("/", CLOSE) + get("/hidden"),
      want: "200 GET / | closed",
    },
    {
      name: "a close behind others",
      clause: "9112 9.6",
      send: get("/1") + get("/2", CLOSE) + get("/3"),
      want: "200 GET /1 | 200 GET /2 | closed",
    },
    {
      name: "HTTP/1.0 behind HTTP/1.1",
      clause: "9112 9.3",
      send: get("/1") + head("GET /2 HTTP/1.0") + get("/3"),
      want: "200 GET /1 | 200 GET /2 | closed",
    },
    {
      name: "pipelined: the order is kept",
      clause: "9112 9.3.2",
      send: get("/after") + get("/1") + get("/2"),
      want: "200 GET /after | 200 GET /1 | 200 GET /2 | open",
    },
    {
      name: "pipelined: bodies",
      clause: "9112 9.3.2",
      send: `${post("/1", "content-length: 2")}ab${chunked("/2")}2\r\ncd\r\n0\r\n\r\n${get("/3")}`,
      want: "200 POST /1 ab | 200 POST /2 cd | 200 GET /3 | open",
    },
    {
      name: "pipelined: a hundred",
      clause: "9112 9.3.2",
      send: Array.from({ length: 100 }, (_, i) => get(`/${i}`)).join(""),
      want: [...Array.from({ length: 100 }, (_, i) => `200 GET /${i}`), "open"].join(" | "),
    },
    {
      name: "pipelined: behind slow ones, in pieces",
      clause: "9112 9.3.2",
      send: [get("/after"), get("/after").slice(0, 9), get("/after").slice(9), get("/3")],
      want: "200 GET /after | 200 GET /after | 200 GET /3 | open",
    },
    {
      name: "pipelined: a stream and another",
      clause: "9112 9.3.2",
      send: get("/stream") + get("/2"),
      want: "200 GET /stream | 200 GET /2 | open",
    },
    {
      name: "pipelined: a bad one behind a good one",
      clause: "9112 9.3.2",
      send: `${get("/after")}BAD\0\r\n\r\n`,
      want: "200 GET /after | 400 | closed",
    },
    {
      name: "pipelined: a bad one behind several",
      clause: "9112 9.3.2",
      send: `${get("/after")}${get("/2")}${get("/3", "x : y")}${get("/hidden")}`,
      want: "200 GET /after | 200 GET /2 | 400 | closed",
    },
    {
      name: "pipelined: one without a host behind a good one",
      clause: "9112 9.3.2",
      send: `${get("/after")}GET / HTTP/1.1\r\n\r\n${get("/hidden")}`,
      want: "200 GET /after | 400 | closed",
    },
    {
      name: "pipelined: large headers behind a good one",
      clause: "9112 9.3.2",
      send: `${get("/after")}${get("/", `x-a: ${"b".repeat(9000)}`)}`,
      want: "200 GET /after | 431 | closed",
      go: ["200 GET /after | 200 GET / | open", WHY.slack],
    },
    {
      name: "pipelined: half a request behind a good one",
      clause: "9112 9.3.2",
      send: `${get("/after")}GET / HT`,
      then: "end",
      want: "closed",
      go: ["200 GET /after | 400 | closed", WHY.halfclose],
    },
    {
      name: "half closed: what was sent is answered",
      clause: "9112 9.6",
      send: get("/1") + get("/after"),
      then: "end",
      want: "200 GET /1 | closed",
      go: ["200 GET /1 | 200 GET /after | closed", WHY.halfclose],
    },
    { name: "half closed: nothing sent", clause: "9112 9.6", send: "", then: "end", want: "closed" },
    {
      name: "half closed: in a head",
      clause: "9112 8",
      send: "GET / HTTP/1.1\r\nhost",
      then: "end",
      want: "400 | closed",
    },
    {
      name: "half closed: in a body",
      clause: "9112 8",
      send: `${post("/", "content-length: 5")}ab`,
      then: "end",
      want: "400 | closed",
    },
    {
      name: "garbage behind a good one that was answered",
      clause: "9112 9.3",
      send: [get("/"), 1, "\0\0\0\0"],
      want: "200 GET / | 400 | closed",
    },
    {
      name: "more body than the length",
      clause: "9112 6.3",
      send: `${post("/", "content-length: 2")}abcd`,
      want: "200 POST / ab | 400 | closed",
      go: ["200 POST / ab | 200 cdGET /probe | closed", WHY.method],
    },
    {
      name: "an end of line behind a body",
      clause: "9112 2.2",
      send: `${post("/", "content-length: 2")}ab\r\n`,
      want: "200 POST / ab | open",
    },
  ],
};
