import { Failure } from "../errors/index.ts";

/** ClientDisconnected is the cause of a request's context when its client has gone before the answer. */
export class ClientDisconnected extends Failure {
  constructor() {
    super("http: the client has disconnected", { code: "canceled", reason: "http/client_disconnected" });
  }

  static {
    this.prototype.name = "ClientDisconnected";
  }
}

/** REASONS are the failures that the engine itself raises, each with its code and what the client may read. */
const REASONS = {
  bad_path_escape: ["invalid_argument", "The path has a broken percent-escape."],
  bad_json: ["invalid_argument", "The body is not valid JSON."],
  body_already_read: ["internal", undefined],
  body_too_large: ["resource_exhausted", "The body is larger than this resource accepts."],
  request_timeout: ["deadline_exceeded", "The body did not come in time."],
  unsupported_media_type: ["invalid_argument", "The body's media type is not one that this resource reads."],
  not_found: ["not_found", undefined],
  method_not_allowed: ["unimplemented", undefined],
  no_reply: ["internal", undefined],
  exchange_over: ["canceled", undefined],
  bad_stream_length: ["internal", undefined],
} as const;

/** httpFailure makes one of the engine's failures; the message is for the log. */
export function httpFailure(reason: keyof typeof REASONS, message: string, cause?: unknown): Failure {
  const [code, detail] = REASONS[reason];
  return new Failure(`http: ${message}`, { code, reason: `http/${reason}`, detail, cause });
}
