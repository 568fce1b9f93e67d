import { type Message, type Payload, requestsOf } from "./payload";

// Implementation-defined, and outside of the codes that MCP gives a meaning.
const SERVER_ERROR = -32000;

/** Why a call has no answer, as its client is told. */
export interface CallError {
  /** A word for programs. */
  readonly code: string;
  /** A sentence for people. */
  readonly message: string;
  /** The edge's id of the call. */
  readonly callId: string;
  /** Whether the call has had no effect and never will have one. */
  readonly mayBeSentAgain: boolean;
  /** The key under which the call may be sent again in any case. */
  readonly idempotencyKey: string;
}

/** No origin has seen the call, or none can act on it any more. */
export function noOrigin(callId: string, idempotencyKey: string): CallError {
  return {
    code: "origin_unavailable",
    message: "No origin answered. The call had no effect and may be sent again.",
    callId,
    mayBeSentAgain: true,
    idempotencyKey,
  };
}

/** An origin may have acted on the call. */
export function outcomeUnknown(callId: string, idempotencyKey: string): CallError {
  return {
    code: "outcome_unknown",
    message: `The outcome is unknown: send the call again with the same Idempotency-Key, ${idempotencyKey}`,
    callId,
    mayBeSentAgain: false,
    idempotencyKey,
  };
}

/** The call was turned away before any origin saw it. */
export function rejected(
  code: string,
  message: string,
  callId: string,
  idempotencyKey: string,
): CallError {
  return { code, message, callId, mayBeSentAgain: true, idempotencyKey };
}

/**
 * The body that answers a request: an error for each of its requests, and one without id where it has none that can be read.
 */
export function answerTo(error: CallError, request: Payload): string {
  const requests = requestsOf(request);
  if (requests.length === 0) {
    return object(error, "");
  }
  const errors = requests.map((r) => errorFor(error, r)).join(",");
  return request.batch ? `[${errors}]` : errors;
}

/** The JSON-RPC error that answers one request. */
export function errorFor(error: CallError, request: Message): string {
  return object(error, `"id":${request.id},`);
}

function object(error: CallError, id: string): string {
  const { message, ...data } = error;
  return `{"jsonrpc":"2.0",${id}"error":${JSON.stringify({ code: SERVER_ERROR, message, data })}}`;
}
