import {
  END_HEADERS,
  END_STREAM,
  PADDED,
  PREFACE,
  START,
  TYPE,
  block,
  data,
  field,
  frame,
  get,
  post,
} from "./frames.ts";
import type { Section } from "./row.ts";

const { headers, settings } = TYPE;

const IDS = Array.from({ length: 100 }, (_, i) => 2 * i + 1);

/** streams: requests over HTTP/2, right and wrong. */
export const streams: Section = {
  name: "requests over HTTP/2",
  rows: [
    { name: "a request", clause: "9113 8.1", send: START + get(1, "/"), want: "1:200 | open" },
    { name: "a body", clause: "9113 8.1", send: START + post(1, "/") + data(1, "hello"), want: "1:200 | open" },
    {
      name: "the preface byte by byte",
      clause: "9113 3.4",
      send: [...PREFACE.split(""), frame(settings, 0, 0) + get(1, "/")],
      want: "1:200 | open",
    },
    {
      name: "many at once",
      clause: "9113 5.1.2",
      send: START + [1, 3, 5, 7, 9].map((id) => get(id, `/${id}`)).join(""),
      want: "1:200 | 3:200 | 5:200 | 7:200 | 9:200 | open",
    },
    { name: "a 204", clause: "9110 15.3.5", send: START + get(1, "/204"), want: "1:204 | open" },
    { name: "a stream", clause: "9113 8.1", send: START + get(1, "/stream"), want: "1:200 | open" },
    {
      name: "an early answer to a body that does not come",
      clause: "9113 8.1",
      send: START + post(1, "/unread"),
      then: "nothing",
      want: "1:200 | 1:NO_ERROR | goaway NO_ERROR | closed",
    },
    {
      name: "a body over the limit",
      clause: "9110 15.5.14",
      send: START + post(1, "/", [["content-length", "70000"]]),
      then: "nothing",
      want: "1:413 | 1:NO_ERROR | goaway NO_ERROR | closed",
    },
    {
      name: "a body that is longer than its length",
      clause: "9113 8.1.1",
      send: START + post(1, "/", [["content-length", "2"]]) + data(1, "abc"),
      then: "nothing",
      want: "goaway INTERNAL_ERROR | closed",
    },
    {
      name: "a body that is shorter than its length",
      clause: "9113 8.1.1",
      send: START + post(1, "/", [["content-length", "5"]]) + data(1, "abc"),
      want: "1:PROTOCOL_ERROR | open",
    },
    {
      name: "two lengths",
      clause: "9113 8.1.1",
      send:
        START +
        post(1, "/", [
          ["content-length", "5"],
          ["content-length", "6"],
        ]) +
        data(1, "abcde"),
      want: "1:PROTOCOL_ERROR | open",
    },
    {
      name: "padding",
      clause: "9113 6.1",
      send: START + post(1, "/") + frame(TYPE.data, END_STREAM | PADDED, 1, "\x02ab\0\0"),
      want: "1:200 | open",
    },
    {
      name: "trailers",
      clause: "9113 8.1",
      send: START + post(1, "/") + data(1, "ab", 0) + frame(headers, END_STREAM | END_HEADERS, 1, field("x-sum", "1")),
      want: "1:200 | open",
    },
    {
      name: "a pseudo-header in trailers",
      clause: "9113 8.3",
      send:
        START +
        post(1, "/") +
        data(1, "ab", 0) +
        frame(headers, END_STREAM | END_HEADERS, 1, field(":path", "/hidden")),
      want: "1:PROTOCOL_ERROR | open",
    },
    {
      name: "a name in capitals",
      clause: "9113 8.2",
      send: START + get(1, "/", [["X-A", "b"]]),
      want: "1:PROTOCOL_ERROR | open",
    },
    {
      name: "a name with a space, which is dropped",
      clause: "9113 8.2.1",
      send: START + get(1, "/x", [["x a", "b"]]),
      want: "1:204 | open",
    },
    {
      name: "a name with a colon, which is dropped",
      clause: "9113 8.2.1",
      send: START + get(1, "/x", [["x:a", "b"]]),
      want: "1:204 | open",
    },
    {
      name: "an end of line in a value: a smuggled header, which is dropped",
      clause: "9113 8.2.1",
      send: START + get(1, "/x", [["x-a", "b\r\nx-c: d"]]),
      want: "1:204 | open",
    },
    {
      name: "an end of line in a name, which is dropped",
      clause: "9113 8.2.1",
      send: START + get(1, "/x", [["x-a\r\nb", "c"]]),
      want: "1:204 | open",
    },
    {
      name: "an end of line in the path: a smuggled request",
      clause: "9113 8.3.1",
      send:
        START +
        get(1, "/", [[":path", ""]]).replace("\0", "\0") +
        frame(headers, END_STREAM | END_HEADERS, 3, block("GET", "/ HTTP/1.1\r\nhost: y\r\n\r\nGET /hidden")),
      want: "1:PROTOCOL_ERROR | 3:PROTOCOL_ERROR | open",
    },
    {
      name: "a NUL in a value, which is dropped",
      clause: "9113 8.2.1",
      send: START + get(1, "/x", [["x-a", "b\0c"]]),
      want: "1:204 | open",
    },
    {
      name: "a space around a value, which is dropped",
      clause: "9113 8.2.1",
      send: START + get(1, "/x", [["x-a", " b "]]),
      want: "1:204 | open",
    },
    {
      name: "Connection",
      clause: "9113 8.2.2",
      send: START + get(1, "/", [["connection", "close"]]),
      want: "1:PROTOCOL_ERROR | open",
    },
    {
      name: "Transfer-Encoding",
      clause: "9113 8.2.2",
      send: START + post(1, "/", [["transfer-encoding", "chunked"]]) + data(1, "0\r\n\r\n"),
      want: "1:PROTOCOL_ERROR | open",
    },
    {
      name: "Upgrade",
      clause: "9113 8.2.2",
      send: START + get(1, "/", [["upgrade", "foo"]]),
      want: "1:PROTOCOL_ERROR | open",
    },
    {
      name: "TE: gzip",
      clause: "9113 8.2.2",
      send: START + get(1, "/", [["te", "gzip"]]),
      want: "1:PROTOCOL_ERROR | open",
    },
    {
      name: "TE: trailers",
      clause: "9113 8.2.2",
      send: START + get(1, "/", [["te", "trailers"]]),
      want: "1:200 | open",
    },
    {
      name: "no path",
      clause: "9113 8.3.1",
      send: START + get(1, "/", [[":path", ""]]),
      want: "1:PROTOCOL_ERROR | open",
    },
    {
      name: "no method",
      clause: "9113 8.3.1",
      send: START + get(1, "/", [[":method", ""]]),
      want: "1:PROTOCOL_ERROR | open",
    },
    {
      name: "no scheme",
      clause: "9113 8.3.1",
      send: START + get(1, "/", [[":scheme", ""]]),
      want: "1:PROTOCOL_ERROR | open",
    },
    {
      name: "two paths",
      clause: "9113 8.3",
      send: START + get(1, "/", [[":path", "/b"]]),
      want: "1:PROTOCOL_ERROR | open",
    },
    {
      name: "a pseudo-header that does not exist",
      clause: "9113 8.3",
      send: START + get(1, "/", [[":foo", "b"]]),
      want: "1:PROTOCOL_ERROR | open",
    },
    {
      name: "a pseudo-header of an answer",
      clause: "9113 8.3",
      send: START + get(1, "/", [[":status", "200"]]),
      want: "1:PROTOCOL_ERROR | open",
    },
    {
      name: "a pseudo-header behind the others",
      clause: "9113 8.3",
      send:
        START +
        get(1, "/", [
          [":path", ""],
          ["x-a", "b"],
          [":path", "/"],
        ]),
      want: "1:PROTOCOL_ERROR | open",
    },
    {
      name: "no authority and no host",
      clause: "9113 8.3.1",
      send: START + get(1, "/", [[":authority", ""]]),
      want: "1:PROTOCOL_ERROR | open",
    },
    {
      name: "a host and no authority",
      clause: "9113 8.3.1",
      send:
        START +
        get(1, "/", [
          [":authority", ""],
          ["host", "x"],
        ]),
      want: "1:200 | open",
    },
    {
      name: "a host that is not the authority",
      clause: "9113 8.3.1",
      send: START + get(1, "/", [["host", "y"]]),
      want: "1:400 | open",
    },
    {
      name: "an authority with a user",
      clause: "9113 8.3.1",
      send:
        START +
        get(1, "/", [
          [":authority", ""],
          ["host", "me@x"],
        ]),
      want: "1:PROTOCOL_ERROR | open",
    },
    {
      name: "a path without a slash",
      clause: "9113 8.3.1",
      send: START + get(1, "a"),
      want: "1:PROTOCOL_ERROR | open",
    },
    { name: "a path with a fragment", clause: "9113 8.3.1", send: START + get(1, "/a#b"), want: "1:400 | open" },
    {
      name: "an absolute path",
      clause: "9113 8.3.1",
      send: START + get(1, "http://y/"),
      want: "1:PROTOCOL_ERROR | open",
    },
    {
      name: "the asterisk of OPTIONS",
      clause: "9113 8.3.1",
      send: START + frame(headers, END_STREAM | END_HEADERS, 1, block("OPTIONS", "*")),
      want: "1:200 | open",
    },
    {
      name: "CONNECT",
      clause: "9113 8.5",
      send:
        START +
        frame(
          headers,
          END_HEADERS,
          1,
          block("CONNECT", "", [
            [":scheme", ""],
            [":path", ""],
          ]),
        ),
      then: "nothing",
      want: "1:501 | 1:NO_ERROR | goaway NO_ERROR | closed",
    },
    {
      name: "Expect: 100-continue",
      clause: "9110 10.1.1",
      send: [START + post(1, "/", [["expect", "100-continue"]]), 1, data(1, "ab")],
      want: "1:100 | 1:200 | open",
    },
    {
      name: "more streams than may be",
      clause: "9113 5.1.2",
      send: [START + IDS.map((id) => get(id, "/after")).join("") + get(201, "/after"), 101],
      want: ["201:REFUSED_STREAM", ...IDS.map((id) => `${id}:200`), "open"].join(" | "),
    },
  ],
};
