/** A whole event, or a comment between events. */
export interface SseEvent {
  /** As they came, the blank line that ends it included. */
  readonly bytes: Uint8Array;
  /** Its data, lines joined by a line feed; null where it has none. */
  readonly data: string | null;
  readonly id: string | null;
}

/** An event is longer than an edge takes. */
export class EventTooLong extends Error {}

const CR = 13;
const LF = 10;
const COLON = 58;
const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf];

/**
 * Cuts a stream into whole events, whatever the pieces in which its bytes come. A line ends with CR, LF or both; an event ends with
 * an empty line; a comment that stands alone is passed on at once, since it is there to be seen in time. What ends with CR is
 * passed on as ending with CRLF without waiting for the LF, which may not come.
 */
export class EventReader {
  readonly #maxBytes: number;
  readonly #decoder = new TextDecoder();
  #block = new Uint8Array(512);
  #length = 0;
  #lineStart = 0;
  #afterCr = false;
  #first = true;
  #inEvent = false;
  #data: string[] | null = null;
  #id: string | null = null;

  /** @param maxBytes of one event */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /**
   * The events that these bytes complete.
   *
   * @throws EventTooLong
   */
  read(chunk: Uint8Array): SseEvent[] {
    const events: SseEvent[] = [];
    for (const next of chunk) {
      const secondOfPair = this.#afterCr && next === LF;
      this.#afterCr = next === CR;
      if (secondOfPair) {
        // Part of the line end before, which has been dealt with.
        if (this.#length > 0) {
          this.#append(next);
          this.#lineStart = this.#length;
        }
        continue;
      }
      this.#append(next);
      if (next === CR || next === LF) {
        this.#lineEnded(events);
      }
    }
    return events;
  }

  #append(next: number): void {
    if (this.#length === this.#maxBytes) {
      throw new EventTooLong();
    }
    if (this.#length === this.#block.length) {
      const longer = new Uint8Array(Math.min(this.#maxBytes, this.#length * 2));
      longer.set(this.#block);
      this.#block = longer;
    }
    this.#block[this.#length++] = next;
  }

  #lineEnded(events: SseEvent[]): void {
    if (this.#first) {
      this.#first = false;
      this.#skipByteOrderMark();
    }
    const end = this.#length - 1;
    const empty = end === this.#lineStart;
    const comment = !empty && this.#block[this.#lineStart] === COLON;
    if (!empty && !comment) {
      this.#inEvent = true;
      this.#field(this.#lineStart, end);
    }
    this.#lineStart = this.#length;
    if (empty || (comment && !this.#inEvent)) {
      events.push(this.#take());
    }
  }

  // In the middle of what a client reads, where a later attempt's stream begins, it would be noise. Of several, the client would
  // leave one out, and so read another stream than this.
  #skipByteOrderMark(): void {
    while (BYTE_ORDER_MARK.every((byte, i) => this.#block[i] === byte && i < this.#length)) {
      this.#block.copyWithin(0, BYTE_ORDER_MARK.length, this.#length);
      this.#length -= BYTE_ORDER_MARK.length;
    }
  }

  #field(start: number, end: number): void {
    const line = this.#decoder.decode(this.#block.subarray(start, end));
    const colon = line.indexOf(":");
    const name = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (name === "data") {
      this.#data ??= [];
      this.#data.push(value);
    } else if (name === "id") {
      this.#id = value;
    }
  }

  #take(): SseEvent {
    const endsWithCr = this.#block[this.#length - 1] === CR;
    const bytes = new Uint8Array(this.#length + (endsWithCr ? 1 : 0));
    bytes.set(this.#block.subarray(0, this.#length));
    if (endsWithCr) {
      bytes[this.#length] = LF;
    }
    const event = { bytes, data: this.#data?.join("\n") ?? null, id: this.#id };
    this.#length = 0;
    this.#lineStart = 0;
    this.#inEvent = false;
    this.#data = null;
    this.#id = null;
    return event;
  }
}
