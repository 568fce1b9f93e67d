import { EventReader, NoRoomForEvent } from "../wire/event-reader";
import type { Payload } from "../wire/payload";
import { type Attempt, AttemptFailed } from "./attempt";
import type { Lease } from "./budget";
import type { CallError } from "./call-error";
import type { Client } from "./client";
import { Continuation } from "./continuation";
import { join } from "./intake";

/** What a comment begins with, which an origin sends each second while nothing else is to be said. */
const COLON = 58;

/** What a stream that lasts may pass on without room, which it has given back. */
const SMALL_BYTES = 64 * 1024;
const MAX_EVENT_BYTES = 8 * 1024 * 1024;

/** Whether a response is a stream of events. */
export function isEventStream(head: Response): boolean {
  const type = head.headers.get("Content-Type")?.toLowerCase() ?? "";
  return head.status === 200 && type.startsWith("text/event-stream");
}

/** The event stream of one call as its client sees it: one, whichever attempts its events come from. Only whole events pass. */
export class EventStream {
  readonly #client: Client;
  readonly #continuation: Continuation;
  readonly #listens: boolean;
  readonly #resumes: boolean;
  #parts = 0;

  /**
   * @param listens whether it lasts until something ends it, with no response to wait for
   * @param resumes whether the client's revision of MCP has it ask for the rest of a stream that ends without a response
   */
  constructor(client: Client, request: Payload, listens: boolean, resumes: boolean) {
    this.#client = client;
    this.#continuation = new Continuation(request);
    this.#listens = listens;
    this.#resumes = resumes;
  }

  /**
   * Passes on the events of one attempt.
   *
   * @throws AttemptFailed when they end without a response; EventTooLong, NoRoomForEvent
   */
  async pass(attempt: Attempt, lease: Lease): Promise<void> {
    if (attempt.number > 1) {
      const note = new TextEncoder().encode(`: attempt ${attempt.number}, ${attempt.origin}\n\n`);
      await attempt.unlessOver(this.#client.write(note));
    }
    const reader = new EventReader(MAX_EVENT_BYTES, lease);
    try {
      await this.#passAll(attempt, reader, lease);
    } finally {
      reader.clear();
    }
    // A client that was given ids of events can ask the same server for the rest.
    if (!this.mayBreakOff && !(this.#resumes && this.#continuation.resumable)) {
      throw new AttemptFailed("lost", "the stream ended without a response");
    }
    await attempt.unlessOver(this.#client.end());
  }

  async #passAll(attempt: Attempt, reader: EventReader, lease: Lease): Promise<void> {
    const again = ++this.#parts > 1;
    for (let piece = await attempt.read(); piece !== null; piece = await attempt.read()) {
      lease.renew(Date.now());
      attempt.beats ||= piece[0] === COLON;
      const passed = reader
        .read(piece)
        .filter((event) => this.#continuation.pass(event, again))
        .map((event) => event.bytes);
      await this.#write(join(passed), attempt, lease);
    }
  }

  async #write(events: Uint8Array, attempt: Attempt, lease: Lease): Promise<void> {
    const counted = events.length > SMALL_BYTES ? events.length : 0;
    if (counted > 0 && lease.take(counted, counted) !== null) {
      throw new NoRoomForEvent();
    }
    try {
      // A client that takes nothing in must not hold the call for longer than it may last.
      const last = this.#continuation.answered && !this.#listens;
      await attempt.unlessOver(last ? this.#client.writeLast(events) : this.#client.write(events));
    } finally {
      lease.giveBack(counted);
    }
  }

  /** What of a JSON answer of a later attempt its client does not have; nothing where that is no answer. */
  eventsOfAnswer(answer: Payload): Uint8Array[] {
    return this.#continuation.eventsOfAnswer(answer);
  }

  /** An error for each request that is not answered. */
  eventsOfError(error: CallError): Uint8Array[] {
    return this.#continuation.eventsOfError(error);
  }

  async end(events: readonly Uint8Array[]): Promise<void> {
    await this.#client.writeLast(join(events));
    await this.#client.end();
  }

  /** Whether a stream that breaks off here has told its client everything it could. */
  get mayBreakOff(): boolean {
    return this.#listens || this.#continuation.answered;
  }
}
