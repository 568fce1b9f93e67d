import { declaredBytes, type Rejection } from "../gate/rejection";
import { GrowingBytes } from "../wire/growing-bytes";
import { lengthOf } from "../wire/headers";
import { MOST_MESSAGES } from "../wire/payload";
import type { Lease } from "./budget";

const BODY_MILLIS = 30_000;
/** By then, and from then on, a body must have come at this rate on average: a client that stalls holds what it has sent. */
const SLOW_AFTER_MILLIS = 5_000;
const LEAST_BYTES_PER_SECOND = 16 * 1024;
const LOOK_MILLIS = 250;
const MAX_DISCARDED_BYTES = 16 * 1024 * 1024;
const MAX_DISCARDING_MILLIS = 2_000;
/** In which a request is taken in, or is answered. */
export const INTAKE_MILLIS = BODY_MILLIS + MAX_DISCARDING_MILLIS + 3_000;
export const NOTHING = new Uint8Array(0);

/** What a call takes beside its body and its headers, those twice: as they came, and as they go on. */
const CALL_BYTES = 4 * 1024;
/** What is kept of a message of a batch, once it is read, and the shortest there is. */
const MESSAGE_BYTES = 256;
const SHORTEST_MESSAGE = 3;
const BRACKET = 0x5b;
const SPACES = [0x20, 0x0a, 0x0d, 0x09];

/** The bytes of a request's body once it is whole, or why it is turned away. Takes room for all that the call is going to hold. */
export async function takeIn(
  request: Request,
  maxBytes: number,
  lease: Lease,
): Promise<Uint8Array | Rejection> {
  const shortage = lease.take(CALL_BYTES + 2 * lengthOf(request.headers), 0);
  if (request.body === null) {
    return shortage ?? NOTHING;
  }
  const reader: ReadableStreamDefaultReader<Uint8Array> = request.body.getReader();
  const held = new GrowingBytes(lease, declaredBytes(request.headers), maxBytes);
  const over = new AbortController();
  const whole = shortage === null ? read(reader, maxBytes, held) : Promise.resolve(shortage);
  const late = tooSlow(held, over.signal);
  const result = await Promise.race([whole, late]).finally(() => over.abort());
  if (result !== null) {
    whole.catch(() => undefined);
    await discard(reader);
    return result;
  }
  return lease.take(messageBytes(held.bytes), 0) ?? held.bytes;
}

function messageBytes(body: Uint8Array): number {
  const first = body.find((byte) => !SPACES.includes(byte));
  return first === BRACKET
    ? MESSAGE_BYTES * Math.min(MOST_MESSAGES, Math.ceil(body.length / SHORTEST_MESSAGE))
    : MESSAGE_BYTES;
}

async function tooSlow(held: GrowingBytes, over: AbortSignal): Promise<Rejection> {
  const begun = Date.now();
  for (let passed = 0; passed < BODY_MILLIS && !over.aborted; passed = Date.now() - begun) {
    const least = (passed * LEAST_BYTES_PER_SECOND) / 1_000;
    if (passed >= SLOW_AFTER_MILLIS && held.length < least) {
      break;
    }
    await scheduler.wait(LOOK_MILLIS, { signal: over }).catch(() => undefined);
  }
  return "slowBody";
}

/** As takeIn, of a request that is turned away by its head, or has no use for a body. */
export async function dropBody(request: Request): Promise<Uint8Array> {
  if (request.body !== null) {
    await discard(request.body.getReader());
  }
  return NOTHING;
}

/**
 * Reads what is still to come, within limits: most clients look for a response only after they have sent everything, and a
 * connection closed before that would show them a broken one instead of the reason.
 */
async function discard(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<void> {
  const rest = async () => {
    for (let left = MAX_DISCARDED_BYTES; left > 0; ) {
      const { done, value } = await reader.read();
      if (done) {
        return;
      }
      left -= value.length;
    }
  };
  await Promise.race([rest().catch(() => undefined), scheduler.wait(MAX_DISCARDING_MILLIS)]);
  reader.cancel().catch(() => undefined);
}

/** Null: it is held to its end. */
async function read(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  maxBytes: number,
  held: GrowingBytes,
): Promise<Rejection | null> {
  for (;;) {
    const { done, value } = await reader.read();
    if (done) {
      return null;
    }
    if (held.length + value.length > maxBytes) {
      return "bodyTooLarge";
    }
    const shortage = held.append(value);
    if (shortage !== null) {
      return shortage;
    }
  }
}

/** The pieces in one. */
export function join(pieces: readonly Uint8Array[]): Uint8Array {
  const [only] = pieces;
  if (only !== undefined && pieces.length === 1) {
    return only;
  }
  const whole = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}
