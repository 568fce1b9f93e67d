import { JsonReader } from "./json-text";

// Of one batch: each is answered by an error many times its length where no origin answers.
export const MOST_MESSAGES = 1_000;
const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf];
/** An origin takes ids of 1,024 characters; the longest is written in six times as many bytes. */
const MAX_ID_BYTES = 6 * 1_024;
const MAX_NAME_BYTES = 1_024;
const KEY = "com.mcpist/idempotency-key";
const CHECKED_AT_ONCE = 64 * 1024;

/** One JSON-RPC message, as far as an edge cares. */
export interface Message {
  /** Its id as JSON text, a string or a number; null where it has none. */
  readonly id: string | null;
  /** Null in a response. */
  readonly method: string | null;
  /** `params.name`: the tool of a tools/call. */
  readonly name: string | null;
  /** `params._meta["com.mcpist/idempotency-key"]`. */
  readonly key: string | null;
  /** `params.arguments` as they came. */
  readonly args: Uint8Array | null;
  /** `params.progressToken` as JSON text, and `params.progress`, of a progress notification. */
  readonly progressToken: string | null;
  readonly progress: number;
  /** As it came: a part of what was read, not a copy. */
  readonly json: Uint8Array;
}

/** What a body or an event's data holds. */
export interface Payload {
  /** Whether it is JSON-RPC at all; where it is not, there are no messages. */
  readonly readable: boolean;
  readonly batch: boolean;
  readonly messages: readonly Message[];
}

/** Also stands for a request that was not read. */
export const UNREADABLE: Payload = { readable: false, batch: false, messages: [] };

/** Reads a body, which is UTF-8 throughout or is not read: an origin refuses it, and would have seen another text. */
export function readBody(body: Uint8Array): Payload {
  const marked = BYTE_ORDER_MARK.every((byte, i) => body[i] === byte);
  return isUtf8(body)
    ? readPayload(marked ? body.subarray(BYTE_ORDER_MARK.length) : body)
    : UNREADABLE;
}

function isUtf8(bytes: Uint8Array): boolean {
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: false });
  try {
    for (let at = 0; at < bytes.length; at += CHECKED_AT_ONCE) {
      decoder.decode(bytes.subarray(at, at + CHECKED_AT_ONCE), { stream: true });
    }
    decoder.decode();
    return true;
  } catch (notUtf8) {
    if (notUtf8 instanceof TypeError) {
      return false;
    }
    throw notUtf8;
  }
}

/** What is no JSON, or is more than is read, is not readable. */
export function readPayload(json: Uint8Array): Payload {
  const reader = new JsonReader(json);
  const messages: Message[] = [];
  const add = () => {
    if (messages.push(message(reader, json)) > MOST_MESSAGES) {
      throw new RangeError("too many messages");
    }
  };
  try {
    const batch = reader.kind() === "array";
    if (batch) {
      reader.array(add);
    } else {
      add();
    }
    reader.end();
    return messages.length === 0 ? UNREADABLE : { readable: true, batch, messages };
  } catch {
    return UNREADABLE;
  }
}

/** The messages that ask for a response. */
export function requestsOf(payload: Payload): readonly Message[] {
  return payload.messages.filter((m) => m.id !== null && m.method !== null);
}

export function isResponse(message: Message): boolean {
  return message.id !== null && message.method === null;
}

export function isProgress(message: Message): boolean {
  return message.method === "notifications/progress" && message.progressToken !== null;
}

export function hasMethod(payload: Payload, method: string): boolean {
  return payload.messages.some((m) => m.method === method);
}

function message(reader: JsonReader, whole: Uint8Array): Message {
  if (reader.kind() !== "object") {
    throw new SyntaxError("no message");
  }
  const begin = reader.at;
  const found = {
    id: null as string | null,
    method: null as string | null,
    name: null as string | null,
    key: null as string | null,
    args: null as Uint8Array | null,
    progressToken: null as string | null,
    progress: 0,
  };
  reader.object((field) => {
    if (field === "id") {
      found.id = scalar(reader);
    } else if (field === "method") {
      found.method = string(reader);
    } else if (field === "params" && reader.kind() === "object") {
      reader.object((param) => {
        if (param === "name") {
          found.name = string(reader);
        } else if (param === "arguments") {
          found.args = span(reader, whole);
        } else if (param === "_meta" && reader.kind() === "object") {
          found.key = keyIn(reader);
        } else if (param === "progressToken") {
          found.progressToken = scalar(reader);
        } else if (param === "progress" && reader.kind() === "number") {
          found.progress = Number(reader.number());
        } else {
          reader.skip();
        }
      });
    } else {
      reader.skip();
    }
  });
  return { ...found, json: whole.subarray(begin, reader.at) };
}

function span(reader: JsonReader, whole: Uint8Array): Uint8Array {
  reader.kind(); // It is at the value then.
  const begin = reader.at;
  reader.skip();
  return whole.subarray(begin, reader.at);
}

function keyIn(reader: JsonReader): string | null {
  let key: string | null = null;
  reader.object((field) => {
    if (field === KEY && reader.kind() === "string") {
      key = reader.string(MAX_NAME_BYTES);
    } else {
      reader.skip();
    }
  });
  return key;
}

/** Null where the value is no string; empty where it is too long for any name that there is. */
function string(reader: JsonReader): string | null {
  if (reader.kind() === "string") {
    return reader.string(MAX_NAME_BYTES) ?? "";
  }
  reader.skip();
  return null;
}

// A string in one form, however it was escaped; a number as it was written.
function scalar(reader: JsonReader): string | null {
  switch (reader.kind()) {
    case "number":
      return reader.number();
    case "string": {
      const text = reader.string(MAX_ID_BYTES);
      if (text === null) {
        throw new RangeError("an id is too long");
      }
      return JSON.stringify(text);
    }
    default:
      reader.skip();
      return null;
  }
}
