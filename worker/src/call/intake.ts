import { declaredBytes, type Rejection } from "../gate/rejection";
import type { Lease } from "./body-budget";

const BODY_MILLIS = 30_000;
const MAX_DISCARDED_BYTES = 16 * 1024 * 1024;
const MAX_DISCARDING_MILLIS = 2_000;
export const NOTHING = new Uint8Array(0);

/** The bytes of a request's body once it is whole, or why it is turned away. */
export async function takeIn(
  request: Request,
  maxBytes: number,
  lease: Lease,
): Promise<Uint8Array | Rejection> {
  if (request.body === null) {
    return NOTHING;
  }
  const reader: ReadableStreamDefaultReader<Uint8Array> = request.body.getReader();
  let timer: number | null = null;
  const late = new Promise<Rejection>((resolve) => {
    timer = setTimeout(() => resolve("slowBody"), BODY_MILLIS);
  });
  const whole = read(reader, maxBytes, declaredBytes(request.headers), lease);
  const result = await Promise.race([whole, late]);
  clearTimeout(timer);
  if (typeof result === "string") {
    whole.catch(() => undefined);
    await discard(reader);
  }
  return result;
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

async function read(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  maxBytes: number,
  declared: number,
  lease: Lease,
): Promise<Uint8Array | Rejection> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) {
      return join(pieces, length);
    }
    length += value.length;
    if (length > maxBytes) {
      return "bodyTooLarge";
    }
    if (!lease.take(value.length, Math.max(length, declared))) {
      return "overloaded";
    }
    pieces.push(value);
  }
}

/** The pieces in one. */
export function join(pieces: readonly Uint8Array[], length: number): Uint8Array {
  const [only] = pieces;
  if (only !== undefined && pieces.length === 1) {
    return only;
  }
  const whole = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}
