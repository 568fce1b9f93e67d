import { GrowingBytes } from "../wire/growing-bytes";
import type { Attempt } from "./attempt";
import type { Lease } from "./budget";

const MAX_HELD_BYTES = 8 * 1024 * 1024;

/**
 * An attempt's answer, held until it is whole. What is held of one that breaks off, or was passed on, is given back.
 *
 * @param declared its length, as far as its head gives it
 * @param passOn takes what there is of one that is longer than is held; the rest of it is still to be read
 * @returns null where it was passed on
 * @throws AttemptFailed, Expired, Cancelled
 */
export async function hold(
  attempt: Attempt,
  lease: Lease,
  declared: number,
  passOn: (beginning: readonly Uint8Array[]) => Promise<void>,
): Promise<Uint8Array | null> {
  const held = new GrowingBytes(lease, declared, MAX_HELD_BYTES);
  try {
    for (let piece = await attempt.read(); piece !== null; piece = await attempt.read()) {
      if (held.length + piece.length > MAX_HELD_BYTES || held.append(piece) !== null) {
        await passOn([held.bytes, piece]);
        held.clear();
        return null;
      }
    }
    return held.bytes;
  } catch (error) {
    held.clear();
    throw error;
  }
}
