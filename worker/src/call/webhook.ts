import type { Origin } from "../config/config";
import type { Edge } from "../edge";
import { LOCAL } from "../gate/auth/caller";
import { MAX_EVENT_BYTES, reject } from "../gate/rejection";
import { WEBHOOK_PATH } from "../gate/route";
import { ownHeaders } from "../wire/security-headers";
import { NOTHING, takeIn } from "./intake";

const SIGNATURE = "Stripe-Signature";
/** An origin's own answer to an event has it. */
const OUTCOME = "X-Event-Outcome";
/** An origin asks Stripe meanwhile. */
const PATIENCE_MILLIS = 15_000;
const NOBODY = '{"code":"unavailable","message":"No origin takes the event now."}';

/**
 * Passes an event of Stripe's on to an origin, byte by byte, and to another one where that does not take it: each event has its effect
 * once, by its id in the database.
 */
export async function passEvent(
  request: Request,
  edge: Edge,
  gatewaySecret: string,
): Promise<Response> {
  const lease = edge.lease(request, LOCAL);
  try {
    const body = await takeIn(request, MAX_EVENT_BYTES, lease).catch(() => NOTHING);
    if (typeof body === "string") {
      return reject(body, request, false);
    }
    const signature = request.headers.get(SIGNATURE) ?? "";
    const tried = new Set<string>();
    let none = NOBODY;
    for (;;) {
      const origin = edge.monitor.chooseOwn(tried);
      if (origin === undefined) {
        return new Response(none, { status: 503, headers: ownHeaders({ "Retry-After": "1" }) });
      }
      const answer = await ask(origin, body, signature, gatewaySecret);
      if (answer !== null && answer.status < 500) {
        return new Response(answer.text, { status: answer.status, headers: ownHeaders() });
      }
      // Stripe shows to those who look there why the last one did not take it.
      none = answer?.text ?? none;
      tried.add(origin.name);
    }
  } finally {
    lease.give();
  }
}

interface Answer {
  readonly status: number;
  readonly text: string;
}

/** Null: that origin does not answer: what a platform answers in its place does not count, nor an origin that sells nothing yet. */
async function ask(
  { url }: Origin,
  body: Uint8Array,
  signature: string,
  gatewaySecret: string,
): Promise<Answer | null> {
  const init = {
    method: "POST",
    headers: {
      "Content-Type": "application/json",
      "X-Gateway-Secret": gatewaySecret,
      [SIGNATURE]: signature,
    },
    body,
    redirect: "manual",
    signal: AbortSignal.timeout(PATIENCE_MILLIS),
  } as const;
  try {
    const answer = await fetch(`${url}${WEBHOOK_PATH}`, init);
    if (!answer.headers.has(OUTCOME)) {
      await answer.body?.cancel();
      return null;
    }
    return { status: answer.status, text: await answer.text() };
  } catch {
    return null;
  }
}
