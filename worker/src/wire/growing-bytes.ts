/** It does not grow by more at once than it needs or this: its room is somebody's. */
const STEP_BYTES = 1024 * 1024;

/** Whose room is spent: that of who asks, or all there is. */
export type Shortage = "rateLimited" | "overloaded";

/** Keeps count of what is held. */
export interface Room {
  /**
   * Null: taken. Else nothing is.
   *
   * @param of how long that is which they are a part of, as far as is known
   */
  take(bytes: number, of: number): Shortage | null;
  /** So many of what was taken. */
  giveBack(bytes: number): void;
}

/** For what is bounded otherwise. */
export const UNCOUNTED: Room = { take: () => null, giveBack: () => undefined };

/**
 * Bytes that come piece by piece, in one array that grows: a piece of one byte takes up one, and not an array of its own, which is
 * hundreds. Room is taken before it grows.
 */
export class GrowingBytes {
  readonly #room: Room;
  readonly #expected: number;
  readonly #most: number;
  #array = new Uint8Array(0);
  #length = 0;

  /**
   * @param expected how many will come, as far as is known; 0: it is not
   * @param most no more than these come
   */
  constructor(room: Room, expected: number, most: number) {
    this.#room = room;
    this.#expected = expected;
    this.#most = expected > 0 ? Math.min(expected, most) : most;
  }

  get length(): number {
    return this.#length;
  }

  /** What came, until more comes; not a copy. */
  get bytes(): Uint8Array {
    return this.#array.subarray(0, this.#length);
  }

  /** Null: they are held. */
  append(piece: Uint8Array): Shortage | null {
    const shortage = this.#reserve(this.#length + piece.length);
    if (shortage === null) {
      this.#array.set(piece, this.#length);
      this.#length += piece.length;
    }
    return shortage;
  }

  #reserve(needed: number): Shortage | null {
    const before = this.#array.length;
    if (needed <= before) {
      return null;
    }
    const capacity = Math.max(needed, Math.min(before * 2, before + STEP_BYTES, this.#most));
    const shortage = this.#room.take(capacity - before, Math.max(capacity, this.#expected));
    if (shortage === null) {
      const longer = new Uint8Array(capacity);
      longer.set(this.bytes);
      this.#array = longer;
    }
    return shortage;
  }

  /** Holds nothing any more. */
  clear(): void {
    this.#room.giveBack(this.#array.length);
    this.#array = new Uint8Array(0);
    this.#length = 0;
  }
}
