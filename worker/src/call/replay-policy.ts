import type { Message, Payload } from "../wire/payload";

// Which calls change nothing.

const CALL_TOOL = "tools/call";
const READING = new Set([
  "initialize",
  "ping",
  "server/discover",
  "tools/list",
  "prompts/list",
  "prompts/get",
  "resources/list",
  "resources/templates/list",
  "resources/read",
  "completion/complete",
  "subscriptions/listen",
  "tasks/get",
  "tasks/list",
  "tasks/result",
  "notifications/initialized",
  "notifications/cancelled",
]);

/**
 * Whether a call changes nothing wherever it runs; one that cannot be read might.
 *
 * @param readOnlyTools those that the origins mark as tools that only read
 */
export function onlyReads(
  method: string,
  payload: Payload,
  readOnlyTools: ReadonlySet<string>,
): boolean {
  if (method === "GET") {
    return true;
  }
  return (
    method === "POST" && payload.readable && payload.messages.every((m) => reads(m, readOnlyTools))
  );
}

/** Whether a request or a notification changes nothing. */
export function reads(message: Message, readOnlyTools: ReadonlySet<string>): boolean {
  if (message.method === CALL_TOOL) {
    return message.name !== null && readOnlyTools.has(message.name);
  }
  return message.method !== null && READING.has(message.method);
}
