import { type Caller, LOCAL } from "../gate/auth/caller";
import type { Route } from "../gate/route";
import { toOrigin } from "../wire/headers";
import { CALL_TOOL, isClientsKey } from "./call-error";
import { SESSION } from "./session";

const PROTOCOL_VERSION = "MCP-Protocol-Version";
const CLOSING_CANCELS_SINCE = "2026-07-28";
/** Those headers of a client by which an origin knows a call that it is told of. */
const OF_A_NOTICE = [
  PROTOCOL_VERSION,
  "Mcp-Method",
  "Mcp-Name",
  "Idempotency-Key",
  "Authorization",
];
const OF_THE_CALL = ["Last-Event-ID", "Mcp-Method", "Mcp-Name", "Idempotency-Key"];
const JSON_BODY = {
  "Content-Type": "application/json",
  Accept: "application/json, text/event-stream",
};

/** What one attempt tells its origin. */
export interface AttemptFacts {
  /** 1 for the first that an origin may have let in. */
  readonly number: number;
  /** The instant of the database's clock after which it may have no effect any more, in milliseconds since 1970. */
  readonly deadline: number;
  readonly gatewaySecret: string;
}

/** What a call's header says to the edge, and what the edge says to an origin. */
export class CallHeaders {
  readonly #fromClient: Headers;
  readonly #route: Route;
  readonly #caller: Caller;
  /** Of this sending of the call, whatever key it has. */
  readonly callId: string;

  constructor(fromClient: Headers, route: Route, caller: Caller, callId: string) {
    this.#fromClient = fromClient;
    this.#route = route;
    this.#caller = caller;
    this.callId = callId;
  }

  forAttempt(facts: AttemptFacts): Headers {
    if (this.#route === "health") {
      return new Headers(); // As anyone may ask it: an origin tells those who have the secret more.
    }
    const to = toOrigin(this.#fromClient);
    if (!this.#caller.passesAuthorization) {
      to.delete("Authorization");
    }
    putOwn(to, this.callId, facts, this.#caller);
    return to;
  }

  /** Of a notice that the client has no answer: it outlives the call, so it keeps no more of the client's header than it needs. */
  forNotice(facts: AttemptFacts): Headers {
    const all = this.forAttempt(facts);
    const to = new Headers(JSON_BODY);
    for (const name of OF_A_NOTICE) {
      const value = all.get(name);
      if (value !== null) {
        to.set(name, value);
      }
    }
    putOwn(to, this.callId, facts, this.#caller);
    to.set("X-Undelivered", "true");
    return to;
  }

  /** Of a request of the edge's own in the call's session; null: one that opens it. */
  forSession(facts: AttemptFacts, session: string | null): Headers {
    const to = this.forAttempt(facts);
    for (const name of OF_THE_CALL) {
      to.delete(name);
    }
    for (const [name, value] of Object.entries(JSON_BODY)) {
      to.set(name, value);
    }
    if (session === null) {
      to.delete(SESSION);
      to.delete(PROTOCOL_VERSION);
    } else {
      to.set(SESSION, session);
    }
    return to;
  }

  /** What the client calls it by in its header. */
  get key(): string | null {
    return this.#fromClient.get("Idempotency-Key");
  }

  /** Whether there may be a tool's call in the body under no key of its client's own, as far as the header tells. */
  get mayCallTool(): boolean {
    const method = this.#fromClient.get("Mcp-Method");
    return (method === null || method === CALL_TOOL) && !isClientsKey(this.key);
  }

  /** Whether the client's revision of MCP has it ask for the rest of a stream by Last-Event-ID. */
  get resumes(): boolean {
    return !this.closingCancels;
  }

  /** Whether, in the client's revision of MCP, closing the connection cancels the call. */
  get closingCancels(): boolean {
    const version = this.#fromClient.get(PROTOCOL_VERSION);
    return version !== null && version >= CLOSING_CANCELS_SINCE;
  }
}

/** The header of a request that the edge makes for itself. */
export function ownRequest(
  version: string,
  rpcMethod: string,
  callId: string,
  facts: AttemptFacts,
): Headers {
  const to = new Headers({
    ...JSON_BODY,
    [PROTOCOL_VERSION]: version,
  });
  if (rpcMethod !== "") {
    to.set("Mcp-Method", rpcMethod);
  }
  putOwn(to, callId, facts, LOCAL);
  return to;
}

function putOwn(to: Headers, callId: string, facts: AttemptFacts, caller: Caller): void {
  to.set("X-Gateway-Secret", facts.gatewaySecret);
  to.set("X-Call-Id", callId);
  to.set("X-Attempt", String(facts.number));
  to.set("X-Deadline", String(facts.deadline));
  to.set("X-User-Id", caller.userId);
  // Without it fetch asks for an encoded answer by itself.
  to.set("Accept-Encoding", "identity");
}
