import { MAX_ATTEMPTS } from "./search";

const PREFIX = "mcpist-";
const GIVEN = new RegExp(
  `^${PREFIX}([0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12})$`,
);

/**
 * What the origins know a call by. A client that has sent no key and is told that the outcome is unknown is given one, in which the
 * edge finds the call's id again: so the second call is another attempt at the first.
 */
export interface CallKey {
  readonly callId: string;
  /** The client's own key, which it has chosen itself. */
  readonly own: string | null;
  /** More than an earlier call with this id can have made; a later attempt may end an earlier one, never the other way round. */
  readonly attemptsBefore: number;
}

/**
 * @param idempotencyKey as the client sent it, if it did
 * @param newCallId for a call that is not one sent again
 */
export function callKey(idempotencyKey: string | null, newCallId: string): CallKey {
  const given = idempotencyKey === null ? null : GIVEN.exec(idempotencyKey);
  const earlier = given?.[1];
  return earlier !== undefined
    ? { callId: earlier, own: null, attemptsBefore: MAX_ATTEMPTS }
    : { callId: newCallId, own: idempotencyKey, attemptsBefore: 0 };
}

/** The Idempotency-Key with which the client's next request is this call. */
export function keyForClient(key: CallKey): string {
  return key.own ?? PREFIX + key.callId;
}
