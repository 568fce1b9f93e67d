import type { Attempt } from "./attempt";
import type { Lease } from "./body-budget";
import { join } from "./intake";

const MAX_HELD_BYTES = 8 * 1024 * 1024;

/**
 * An attempt's answer, held until it is whole. What is held of one that breaks off is given back.
 *
 * @param passOn takes what there is of one that is longer than is held, and the rest of it
 * @returns null where it was passed on
 * @throws AttemptFailed, Expired, Cancelled
 */
export async function hold(
  attempt: Attempt,
  lease: Lease,
  passOn: (beginning: Uint8Array[]) => Promise<void>,
): Promise<Uint8Array | null> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  let taken = 0;
  try {
    for (let piece = await attempt.read(); piece !== null; piece = await attempt.read()) {
      pieces.push(piece);
      length += piece.length;
      if (length > MAX_HELD_BYTES || !lease.take(piece.length, length)) {
        await passOn(pieces);
        return null;
      }
      taken += piece.length;
    }
    return join(pieces, length);
  } catch (error) {
    lease.giveBack(taken);
    throw error;
  }
}
