import type { Origin } from "../config/config";
import type { Edge } from "../edge";
import { LOCAL } from "../gate/auth/caller";
import { MAX_EVENT_BYTES, reject } from "../gate/rejection";
import { WEBHOOK_PATH } from "../gate/route";
import { ownHeaders } from "../wire/security-headers";
import { NOTHING, takeIn } from "./intake";

const SIGNATURE = "Stripe-Signature";
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
      if (answer?.taken) {
        return new Response(answer.text, { status: answer.status, headers: ownHeaders() });
      }
      none = answer?.says ? answer.text : none;
      tried.add(origin.name);
    }
  } finally {
    lease.give();
  }
}

interface Answer {
  readonly status: number;
  readonly text: string;
  readonly taken: boolean;
  /** Whether the origin itself says why it does not take the event now, which Stripe shows to those who look there. */
  readonly says: boolean;
}

/** Null: that origin does not answer. */
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
    const { status, headers } = answer;
    // During a deployment an origin may sell nothing yet: 404.
    const taken = status < 500 && status !== 404 && !headers.has("X-Not-Run");
    const json = headers.get("Content-Type")?.startsWith("application/json") ?? false;
    return { status, text: await answer.text(), taken, says: status === 503 && json };
  } catch {
    return null;
  }
}
