import { type Section, get, head, post } from "./row.ts";
import { WHY } from "./why.ts";

const HIDDEN = get("/hidden");

/** lengths: the length of a body as it is announced. */
export const lengths: Section = {
  name: "the length of a body",
  rows: [
    {
      name: "a length",
      clause: "9112 6.2",
      send: `${post("/", "content-length: 5")}hello`,
      want: "200 POST / hello | open",
    },
    { name: "no length is no body", clause: "9112 6.3", send: post("/"), want: "200 POST / | open" },
    { name: "length 0", clause: "9112 6.3", send: post("/", "content-length: 0"), want: "200 POST / | open" },
    {
      name: "a length with zeros ahead",
      clause: "9110 8.6",
      send: `${post("/", "content-length: 005")}hello`,
      want: "200 POST / hello | open",
    },
    {
      name: "a length with spaces around",
      clause: "9112 5.1",
      send: `${post("/", "content-length:   5  ")}hello`,
      want: "200 POST / hello | open",
    },
    {
      name: "a body of a GET",
      clause: "9110 9.3.1",
      send: `${get("/", "content-length: 5")}hello`,
      want: "200 GET / hello | open",
    },
    {
      name: "a body of a HEAD",
      clause: "9110 9.3.2",
      send: `${head("HEAD / HTTP/1.1", "content-length: 5")}hello`,
      want: "200 HEAD / hello | open",
    },
    {
      name: "a body of a DELETE",
      clause: "9110 9.3.5",
      send: `${head("DELETE / HTTP/1.1", "content-length: 2")}ab`,
      want: "200 DELETE / ab | open",
    },
    {
      name: "two lengths that differ",
      clause: "9112 6.3",
      send: `${post("/", "content-length: 5", "content-length: 6")}hello`,
      want: "400 | closed",
    },
    {
      name: "two lengths that agree",
      clause: "9110 8.6",
      send: `${post("/", "content-length: 5", "content-length: 5")}hello`,
      want: "400 | closed",
      go: ["200 POST / hello | open", WHY.same],
    },
    {
      name: "a list of lengths that differ",
      clause: "9112 6.3",
      send: `${post("/", "content-length: 5, 6")}hello`,
      want: "400 | closed",
    },
    {
      name: "a list of lengths that agree",
      clause: "9110 8.6",
      send: `${post("/", "content-length: 5, 5")}hello`,
      want: "400 | closed",
    },
    {
      name: "a length with a comma",
      clause: "9110 8.6",
      send: `${post("/", "content-length: 5,")}hello`,
      want: "400 | closed",
    },
    {
      name: "a length with a plus",
      clause: "9110 8.6",
      send: `${post("/", "content-length: +5")}hello`,
      want: "400 | closed",
    },
    {
      name: "a length below zero",
      clause: "9110 8.6",
      send: `${post("/", "content-length: -5")}hello`,
      want: "400 | closed",
    },
    {
      name: "a length with a space within",
      clause: "9110 8.6",
      send: `${post("/", "content-length: 1 1")}hello`,
      want: "400 | closed",
    },
    {
      name: "a length in hexadecimal",
      clause: "9110 8.6",
      send: `${post("/", "content-length: 0x5")}hello`,
      want: "400 | closed",
    },
    {
      name: "a length with a fraction",
      clause: "9110 8.6",
      send: `${post("/", "content-length: 5.0")}hello`,
      want: "400 | closed",
    },
    {
      name: "a length with an exponent",
      clause: "9110 8.6",
      send: `${post("/", "content-length: 1e1")}hello`,
      want: "400 | closed",
    },
    {
      name: "a length with an underscore",
      clause: "9110 8.6",
      send: `${post("/", "content-length: 1_0")}hello`,
      want: "400 | closed",
    },
    {
      name: "an empty length",
      clause: "9110 8.6",
      send: `${post("/", "content-length: ")}hello`,
      want: "400 | closed",
    },
    {
      name: "a length in quotes",
      clause: "9110 8.6",
      send: `${post("/", 'content-length: "5"')}hello`,
      want: "400 | closed",
    },
    {
      name: "a length of 2^64",
      clause: "9110 8.6",
      send: `${post("/", "content-length: 18446744073709551616")}hello`,
      want: "400 | closed",
    },
    {
      name: "a length of 2^64 + 5",
      clause: "9110 8.6",
      send: `${post("/", "content-length: 18446744073709551621")}hello`,
      want: "400 | closed",
    },
    {
      name: "a length of 2^63",
      clause: "9110 8.6",
      send: `${post("/", "content-length: 9223372036854775808")}hello`,
      want: "413 | closed",
      go: ["400 | closed", WHY.status],
    },
    {
      name: "a length over the limit",
      clause: "9110 15.5.14",
      send: post("/", "content-length: 65537"),
      then: "nothing",
      want: "413 | closed",
      go: ["400 | closed", WHY.status],
    },
    {
      name: "a length of digits that are not ASCII",
      clause: "9110 8.6",
      send: `${post("/", "content-length: \xb5")}hello`,
      want: "400 | closed",
    },
    {
      name: "a length and one with a space in its name",
      clause: "9112 5.1",
      send: `${post("/", "content-length : 5", "content-length: 0")}hello`,
      want: "400 | closed",
    },
    {
      name: "a body in pieces",
      clause: "9112 6.2",
      send: [post("/", "content-length: 6"), "ab", "cd", "ef"],
      want: "200 POST / abcdef | open",
    },
    {
      name: "a request hidden in a body stays there",
      clause: "9112 9.2",
      send: `${post("/", `content-length: ${HIDDEN.length}`)}${HIDDEN}`,
      want: "200 POST / GET /hidden HTTP/1.1??host: x???? | open",
    },
  ],
};
