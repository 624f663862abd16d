import {
  END_HEADERS,
  END_STREAM,
  START,
  block,
  data,
  field,
  frame,
  get,
  int32,
  post,
  setting,
  TYPE,
} from "./frames.ts";
import type { Section } from "./row.ts";

const { headers, settings, ping, reset, priority, goAway, continuation } = TYPE;

/** floods: what costs a client little and a server much. */
export const floods: Section = {
  name: "floods and silence over HTTP/2",
  rows: [
    {
      name: "a header over the limit",
      clause: "9113 10.5.1",
      send: START + get(1, "/", [["x-a", "b".repeat(9000)]]),
      want: "1:431 | open",
    },
    {
      name: "more headers than may be",
      clause: "9113 10.5.1",
      send:
        START +
        get(
          1,
          "/",
          Array.from({ length: 120 }, (_, i) => [`x-${i}`, "b"] as const),
        ),
      want: "1:ENHANCE_YOUR_CALM | open",
    },
    {
      name: "a header bomb: a large entry of the table, again and again",
      clause: "7541 7.3",
      send:
        START +
        frame(
          headers,
          END_STREAM | END_HEADERS,
          1,
          `${block("GET", "/")}\x40\x01a\x7f\xa1\x1e${"b".repeat(4000)}${"\xbe".repeat(10_000)}`,
        ),
      want: "1:ENHANCE_YOUR_CALM | open",
    },
    {
      name: "a CONTINUATION flood",
      clause: "9113 10.5",
      send:
        START +
        frame(headers, END_STREAM, 1, block("GET", "/")) +
        frame(continuation, 0, 1, field("x-a", "b")).repeat(5000),
      then: "nothing",
      want: "goaway INTERNAL_ERROR | closed",
    },
    {
      name: "a flood of empty CONTINUATIONs",
      clause: "9113 10.5",
      send: START + frame(headers, END_STREAM, 1, block("GET", "/")) + frame(continuation, 0, 1).repeat(50_000),
      then: "nothing",
      want: "goaway INTERNAL_ERROR | closed",
    },
    {
      name: "a rapid reset",
      clause: "CVE-2023-44487",
      send:
        START +
        Array.from({ length: 20_000 }, (_, i) => get(2 * i + 1, "/after") + frame(reset, 0, 2 * i + 1, int32(8))).join(
          "",
        ),
      then: "nothing",
      want: "goaway ENHANCE_YOUR_CALM | closed",
    },
    {
      name: "a flood of PINGs that are not read",
      clause: "9113 10.5",
      send: [START, frame(ping, 0, 0, "12345678").repeat(400_000)],
      then: "deaf",
      want: "closed",
    },
    {
      name: "a flood of SETTINGS that are not read",
      clause: "9113 10.5",
      send: [START, frame(settings, 0, 0, setting(4, 65_535)).repeat(400_000)],
      then: "deaf",
      want: "closed",
    },
    {
      name: "a SETTINGS of very many entries",
      clause: "9113 10.5",
      send: START + frame(settings, 0, 0, setting(4, 65_535).repeat(2000)),
      then: "nothing",
      want: "goaway ENHANCE_YOUR_CALM | closed",
    },
    {
      name: "a flood of PRIORITY",
      clause: "9113 10.5",
      send: START + Array.from({ length: 10_000 }, (_, i) => frame(priority, 0, 2 * i + 1, `${int32(0)}\x10`)).join(""),
      want: "open",
    },
    {
      name: "a flood of empty DATA",
      clause: "9113 10.5",
      send: START + post(1, "/unread") + data(1, "", 0).repeat(20_000),
      then: "nothing",
      want: "goaway INTERNAL_ERROR | closed",
    },
    {
      name: "streams that are wrong, again and again",
      clause: "9113 10.5",
      send: START + Array.from({ length: 1000 }, (_, i) => get(2 * i + 1, "/", [["X", "y"]])).join(""),
      then: "nothing",
      want: "goaway INTERNAL_ERROR | closed",
    },
    {
      name: "silence behind the preface",
      clause: "9113 9.1",
      send: START,
      then: "nothing",
      want: "goaway NO_ERROR | closed",
    },
    {
      name: "PINGs and no request",
      clause: "9113 9.1",
      send: [START, ...Array.from({ length: 160 }, () => frame(ping, 0, 0, "12345678"))],
      then: "nothing",
      want: "goaway NO_ERROR | closed",
    },
    {
      name: "HEADERS that never end",
      clause: "9113 10.5",
      send: START + frame(headers, END_STREAM, 1, block("GET", "/")),
      then: "nothing",
      want: "goaway NO_ERROR | closed",
    },
    {
      name: "a body that stops",
      clause: "9110 15.5.9",
      send: START + post(1, "/") + data(1, "ab", 0),
      then: "nothing",
      want: "1:408 | 1:NO_ERROR | goaway NO_ERROR | closed",
    },
    {
      name: "an answer that is not read: no window",
      clause: "9113 10.5",
      send: START + frame(settings, 0, 0, setting(4, 0)) + get(1, "/unread"),
      then: "nothing",
      want: "1:200 | 1:CANCEL | goaway NO_ERROR | closed",
    },
    {
      name: "GOAWAY by the client",
      clause: "9113 6.8",
      send: START + get(1, "/after") + frame(goAway, 0, 0, int32(0) + int32(0)),
      then: "nothing",
      want: "goaway NO_ERROR | 1:200 | closed",
    },
  ],
};
