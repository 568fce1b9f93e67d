import type { SseEvent } from "../wire/event-reader";
import { lineOf } from "../wire/json-text";
import {
  isProgress,
  isResponse,
  type Message,
  MOST_MESSAGES,
  type Payload,
  readPayload,
  requestsOf,
} from "../wire/payload";
import { type CallError, errorFor } from "./call-error";
import { join } from "./intake";

const utf8 = new TextEncoder();
const BEFORE_DATA = utf8.encode("event: message\ndata: ");
const AFTER_DATA = utf8.encode("\n\n");

/** What a client has been told on the event stream of one call, so that the next attempt's answer can go on from there. */
export class Continuation {
  readonly #readable: boolean;
  readonly #unanswered = new Map<string, Message>();
  readonly #progress = new Map<string, number>();
  #resumable = false;

  constructor(request: Payload) {
    this.#readable = request.readable;
    for (const message of requestsOf(request)) {
      this.#unanswered.set(String(message.id), message);
    }
  }

  /**
   * Notes what the event tells, and says whether it is to be passed on: it tells nothing that was told before.
   *
   * @param again whether an earlier attempt's stream has been passed on before
   */
  pass(event: SseEvent, again: boolean): boolean {
    if (event.id !== null) {
      this.#resumable = event.id !== "";
    }
    if (event.data === null || event.data.length === 0) {
      return true;
    }
    let news = false;
    const messages = readPayload(event.data).messages;
    for (const message of messages) {
      news = this.#note(message) || !again || news;
    }
    return news || messages.length === 0;
  }

  #note(message: Message): boolean {
    if (isResponse(message)) {
      return this.#unanswered.delete(String(message.id));
    }
    if (!isProgress(message)) {
      return true;
    }
    const token = String(message.progressToken);
    const last = this.#progress.get(token);
    if (last !== undefined && message.progress <= last) {
      return false;
    }
    // Nobody asks for so many: of more it is not known what was told.
    if (this.#progress.size < MOST_MESSAGES) {
      this.#progress.set(token, message.progress);
    }
    return true;
  }

  /** Whether every request has its response, so that the stream may end here. */
  get answered(): boolean {
    return this.#readable && this.#unanswered.size === 0;
  }

  /** Whether the last event with an id has one by which the client can ask for the rest itself. */
  get resumable(): boolean {
    return this.#resumable;
  }

  /** A whole JSON body as events: those of its responses that the client does not have yet. */
  eventsOfAnswer(answer: Payload): Uint8Array[] {
    return answer.messages
      .filter((message) => isResponse(message) && this.#note(message))
      .map((message) => event(lineOf(message.json)));
  }

  /** The error, once for each request that has no response. */
  eventsOfError(error: CallError): Uint8Array[] {
    const asked = this.#readable ? [...this.#unanswered.values()] : [null];
    const events = asked.map((request) => event(utf8.encode(errorFor(error, request))));
    this.#unanswered.clear();
    return events;
  }
}

function event(json: Uint8Array): Uint8Array {
  return join([BEFORE_DATA, json, AFTER_DATA]);
}
