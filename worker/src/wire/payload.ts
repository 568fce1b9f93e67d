import { type JsonValue, scan, textOf } from "./json-text";

// Of one batch: each is answered by an error many times its length where no origin answers.
const MOST_MESSAGES = 1_000;

/** One JSON-RPC message, as far as an edge cares. */
export interface Message {
  /** Its id as JSON text, a string or a number; null where it has none. */
  readonly id: string | null;
  /** Null in a response. */
  readonly method: string | null;
  /** `params.name`: the tool of a tools/call. */
  readonly name: string | null;
  /** `params.progressToken` as JSON text, and `params.progress`, of a progress notification. */
  readonly progressToken: string | null;
  readonly progress: number;
  /** Where it stands in the text. */
  readonly value: JsonValue;
}

/** What a body or an event's data holds. */
export interface Payload {
  /** Whether it is JSON-RPC at all; where it is not, there are no messages. */
  readonly readable: boolean;
  readonly batch: boolean;
  readonly messages: readonly Message[];
  readonly text: string;
}

/** Reads a body, which is UTF-8 throughout or is not read: an origin refuses it, and would have seen another text. */
export function readBody(body: Uint8Array): Payload {
  try {
    return readPayload(new TextDecoder("utf-8", { fatal: true, ignoreBOM: false }).decode(body));
  } catch (notUtf8) {
    if (notUtf8 instanceof TypeError) {
      return readPayload("");
    }
    throw notUtf8;
  }
}

export function readPayload(text: string): Payload {
  const root = scan(text);
  const batch = root?.kind === "array";
  const objects = root === null ? [] : batch ? root.items : [root];
  const some = objects.length > 0 && objects.length <= MOST_MESSAGES;
  const readable = some && objects.every((o) => o.kind === "object");
  const messages = readable ? objects.map((o) => message(text, o)) : [];
  return { readable, batch: readable && batch, messages, text };
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

function message(text: string, value: JsonValue): Message {
  const params = value.fields.get("params")?.fields;
  const progress = params?.get("progress");
  return {
    id: scalar(text, value.fields.get("id")),
    method: string(text, value.fields.get("method")),
    name: string(text, params?.get("name")),
    progressToken: scalar(text, params?.get("progressToken")),
    progress: progress?.kind === "number" ? Number(textOf(text, progress)) : 0,
    value,
  };
}

function string(text: string, value: JsonValue | undefined): string | null {
  return value?.kind === "string" ? (JSON.parse(textOf(text, value)) as string) : null;
}

// A string in one form, however it was escaped; a number as it was written.
function scalar(text: string, value: JsonValue | undefined): string | null {
  if (value?.kind === "string") {
    return JSON.stringify(string(text, value));
  }
  return value?.kind === "number" ? textOf(text, value) : null;
}
