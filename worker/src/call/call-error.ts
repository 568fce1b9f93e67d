import { type Message, type Payload, requestsOf } from "../wire/payload";
import { reads } from "./replay-policy";

// Implementation-defined, and outside of the codes that MCP gives a meaning.
const SERVER_ERROR = -32000;
export const CALL_TOOL = "tools/call";

const PREFIX = "mcpist-";
const OURS = new RegExp(
  `^${PREFIX}([0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12})$`,
);
const OUR_KEY_MILLIS = 15 * 60_000;
const CLIENTS_KEY_MILLIS = 24 * 3_600_000;

const UNREACHED = "The server could not be reached.";
const NOTHING_DONE = "Nothing was done. Call again with the same arguments in a few seconds.";
const EARLIER = "An earlier sending of this call may have been done.";
const EARLIER_EQUAL = "An earlier equal call may have been done.";
const WITH_KEY = "Call again with the same key.";
const UNKNOWN = "The outcome is unknown: it may have been done.";
const SAME_ARGUMENTS = "Call again with the same arguments within a minute: it is not done twice.";
const SAME_KEY =
  "Call again with the same key: it is not done twice. Without the key, look first whether it was done.";
const LOOK_FIRST = "Look first whether it was.";

/** Why a sending has no answer. */
export interface CallError {
  /** A word for programs, of what was not done for certain. */
  readonly code: string;
  /** A sentence about that, for a model. */
  readonly reason: string;
  /** Whether the reason is all that is said. */
  readonly final: boolean;
  /** The edge's id of the sending. */
  readonly callId: string;
  /** The Idempotency-Key header. */
  readonly key: string | null;
  readonly sent: "notAtAll" | "notRun" | "mayHaveRun";
  /** Whether the origins know a call again that is sent again. */
  readonly keepsCalls: boolean;
  /** Whether an origin knows that the client has no answer of this sending, so that it takes the next equal call for the same one. */
  readonly told: boolean;
  /**
   * Whether the call was not sent because it equals an earlier one that may have run and whose client has no answer, which no
   * origin has recorded.
   */
  readonly held: boolean;
}

/** No origin has answered. */
export function noAnswer(
  call: Pick<CallError, "callId" | "key" | "keepsCalls" | "told" | "held">,
  mayHaveRun: boolean,
): CallError {
  const sent = mayHaveRun ? "mayHaveRun" : "notRun";
  return { ...call, code: "origin_unavailable", reason: UNREACHED, final: false, sent };
}

/** Whether its client has chosen it, and not an edge. */
export function isClientsKey(key: string | null): boolean {
  return key !== null && !OURS.test(key);
}

/** Whether the request calls a tool under no key of its client's own. */
export function isUnkeyedCall(request: Message, header: string | null): boolean {
  const { method, id, key } = request;
  return method === CALL_TOOL && id !== null && !isClientsKey(key ?? header);
}

/** Whether each request may be sent again at once as it is. */
export function isRetryable(error: CallError, payload: Payload): boolean {
  return askedIn(payload).every((request) => {
    const { code, sending } = rowOf(error, request).data;
    const mayHaveRun = code === "outcome_unknown" || isHeld(error, request);
    return !mayHaveRun || (error.keepsCalls && sending !== "first");
  });
}

/**
 * The body that answers a request: an error for each of its requests, and one without id where it has none that can be read.
 */
export function answerTo(error: CallError, payload: Payload): string {
  const asked = askedIn(payload);
  const errors = asked.map((request) => errorFor(error, request)).join();
  return payload.batch && asked[0] !== null ? `[${errors}]` : errors;
}

/** The JSON-RPC error that answers one request; null: one that cannot be read. */
export function errorFor(error: CallError, request: Message | null): string {
  const id = request === null ? "" : `"id":${request.id},`;
  const { message, data } = rowOf(error, request);
  return `{"jsonrpc":"2.0",${id}"error":${JSON.stringify({ code: SERVER_ERROR, message, data })}}`;
}

function askedIn(payload: Payload): readonly (Message | null)[] {
  const requests = requestsOf(payload);
  return requests.length === 0 ? [null] : requests;
}

/** A sending under a key names an earlier one itself, so its error is the same held or not. */
function isHeld(error: CallError, request: Message | null): boolean {
  return error.held && request?.method === CALL_TOOL && (request.key ?? error.key) === null;
}

// The table of contract/errors.
function rowOf(error: CallError, request: Message | null) {
  const { callId, sent, keepsCalls } = error;
  const given = request?.key ?? error.key;
  const earlier = given === null ? null : (OURS.exec(given)?.[1] ?? null);
  const own = given !== null && earlier === null;
  const sending = given === null ? "first" : own ? "unknown" : "again";
  const harmless = request !== null && reads(request);
  const unknown = sent === "mayHaveRun" && !harmless;
  const held = isHeld(error, request);
  const effect = harmless || (given === null && !unknown && !held) ? "none" : "possible";
  const code = unknown ? "outcome_unknown" : error.code;
  // Under its id a held call would be another call.
  const key = given ?? (sent === "notAtAll" || held ? null : PREFIX + callId);
  const until = own ? Date.now() + CLIENTS_KEY_MILLIS : timeOf(earlier ?? callId) + OUR_KEY_MILLIS;
  const named =
    key === null || !keepsCalls
      ? {}
      : { idempotencyKey: key, keyUntil: new Date(until).toISOString() };
  let message = error.reason;
  if (unknown) {
    const isCall = request?.method === CALL_TOOL && keepsCalls;
    // Where no origin knows, another isolate may let the next equal call in, and it would run.
    const unnamed = error.told ? SAME_ARGUMENTS : LOOK_FIRST;
    message = `${UNKNOWN} ${isCall ? (own ? SAME_KEY : unnamed) : LOOK_FIRST}`;
  } else if (held) {
    message += ` ${EARLIER_EQUAL} ${LOOK_FIRST}`;
  } else if (!error.final) {
    const earlier = `${EARLIER} ${keepsCalls ? WITH_KEY : LOOK_FIRST}`;
    message += ` ${effect === "none" ? NOTHING_DONE : earlier}`;
  }
  return { message, data: { code, callId, sending, effect, ...named } };
}

/** The milliseconds since 1970 in a UUIDv7. */
function timeOf(id: string): number {
  return Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16);
}
