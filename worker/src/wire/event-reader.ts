import type { Room } from "./growing-bytes";

/** A whole event, or a comment between events. */
export interface SseEvent {
  /** As they came, the blank line that ends it included. */
  readonly bytes: Uint8Array;
  /** Its data, lines joined by a line feed; null where it has none. Of one line it is a part of the bytes, not a copy. */
  readonly data: Uint8Array | null;
  readonly id: string | null;
}

/** An event is longer than an edge takes. */
export class EventTooLong extends Error {}

/** There is no room for an event now. */
export class NoRoomForEvent extends Error {}

const CR = 13;
const LF = 10;
const COLON = 58;
const SPACE = 32;
/** What is kept of a long event's array when it has passed. */
const BLOCK_BYTES = 512;
const DATA = "data";
const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf];

/**
 * Cuts a stream into whole events, whatever the pieces in which its bytes come. A line ends with CR, LF or both; an event ends with
 * an empty line; a comment that stands alone is passed on at once, since it is there to be seen in time. What ends with CR is
 * passed on as ending with CRLF without waiting for the LF, which may not come.
 */
export class EventReader {
  readonly #maxBytes: number;
  readonly #room: Room;
  readonly #decoder = new TextDecoder();
  #block = new Uint8Array(BLOCK_BYTES);
  #length = 0;
  #lineStart = 0;
  #afterCr = false;
  #first = true;
  #inEvent = false;
  #dataLines = 0;
  /** Of the last line of data, its value. */
  #dataStart = 0;
  #dataEnd = 0;
  #id: string | null = null;

  /** @param maxBytes of one event */
  constructor(maxBytes: number, room: Room) {
    this.#maxBytes = maxBytes;
    this.#room = room;
  }

  /**
   * The events that these bytes complete.
   *
   * @throws EventTooLong, NoRoomForEvent
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
      const capacity = Math.min(this.#maxBytes, this.#length * 2);
      if (this.#room.take(capacity - this.#length, capacity) !== null) {
        throw new NoRoomForEvent();
      }
      const longer = new Uint8Array(capacity);
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
    const [name, valueStart] = this.#split(start, end);
    if (name === DATA) {
      this.#dataLines++;
      this.#dataStart = valueStart;
      this.#dataEnd = end;
    } else if (name === "id") {
      this.#id = this.#decoder.decode(this.#block.subarray(valueStart, end));
    }
  }

  /** The name of a line's field, and where its value begins. */
  #split(start: number, end: number): [string, number] {
    const line = this.#block.subarray(start, end);
    const colon = line.indexOf(COLON);
    const nameEnd = colon < 0 ? line.length : colon;
    // A longer name is none of those that mean something.
    const name = this.#decoder.decode(line.subarray(0, Math.min(nameEnd, DATA.length + 1)));
    const value = colon < 0 ? end : start + colon + 1;
    return [name, value < end && this.#block[value] === SPACE ? value + 1 : value];
  }

  #take(): SseEvent {
    const endsWithCr = this.#block[this.#length - 1] === CR;
    const bytes = new Uint8Array(this.#length + (endsWithCr ? 1 : 0));
    bytes.set(this.#block.subarray(0, this.#length));
    if (endsWithCr) {
      bytes[this.#length] = LF;
    }
    const event = { bytes, data: this.#data(bytes), id: this.#id };
    this.clear();
    return event;
  }

  #data(bytes: Uint8Array): Uint8Array | null {
    if (this.#dataLines === 0) {
      return null;
    }
    return this.#dataLines === 1
      ? bytes.subarray(this.#dataStart, this.#dataEnd)
      : this.#joinedData();
  }

  // Seldom needed: to remember where each line begins would take more than the lines.
  #joinedData(): Uint8Array {
    const joined = new Uint8Array(this.#length);
    let length = 0;
    for (let start = 0; start < this.#length; ) {
      let end = start;
      while (this.#block[end] !== CR && this.#block[end] !== LF) {
        end++;
      }
      const [name, valueStart] = this.#split(start, end);
      if (name === DATA) {
        joined.set(this.#block.subarray(valueStart, end), length);
        length += end - valueStart;
        joined[length++] = LF;
      }
      start = end + 1;
    }
    return joined.subarray(0, length - 1);
  }

  /** Holds nothing of an event that is not whole. */
  clear(): void {
    if (this.#block.length > BLOCK_BYTES) {
      this.#room.giveBack(this.#block.length - BLOCK_BYTES);
      this.#block = new Uint8Array(BLOCK_BYTES);
    }
    this.#length = 0;
    this.#lineStart = 0;
    this.#inEvent = false;
    this.#dataLines = 0;
    this.#id = null;
  }
}
