import type { Message, Payload } from "../wire/payload";

// Which calls may run twice.

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
 * Whether a call may run twice; one that cannot be read may not.
 *
 * @param tools those that the origins mark as reading only, or as idempotent
 */
export function isRepeatable(
  method: string,
  payload: Payload,
  tools: ReadonlySet<string>,
): boolean {
  return (
    method !== "POST" || (payload.readable && payload.messages.every((m) => mayRepeat(m, tools)))
  );
}

function mayRepeat(message: Message, tools: ReadonlySet<string>): boolean {
  return message.method === CALL_TOOL
    ? message.name !== null && tools.has(message.name)
    : reads(message);
}

/** Whether a request or a notification changes nothing wherever it runs, whatever tools there are. */
export function reads(message: Message): boolean {
  return message.method !== null && READING.has(message.method);
}
