import { EventReader } from "../wire/event-reader";
import { UNCOUNTED } from "../wire/growing-bytes";

const META = "io.modelcontextprotocol/";
const CLIENT = { name: "mcpist-edge", version: "1" };

/** One page of an origin's tools/list. */
export interface ToolPage {
  /** The names of the tools that it marks with readOnlyHint or idempotentHint. */
  readonly repeatable: readonly string[];
  /** The cursor of the next page; null: there is none. */
  readonly next: string | null;
}

/** The request for a page: the one after the cursor, or the first. */
export function listRequest(version: string, stateless: boolean, cursor: string | null): string {
  const meta = {
    [`${META}protocolVersion`]: version,
    [`${META}clientInfo`]: CLIENT,
    [`${META}clientCapabilities`]: {},
  };
  return request("tools/list", {
    ...(cursor === null ? {} : { cursor }),
    ...(stateless ? { _meta: meta } : {}),
  });
}

/** The request that opens a session, where there are sessions. */
export function initializeRequest(version: string): string {
  return request("initialize", {
    protocolVersion: version,
    capabilities: {},
    clientInfo: CLIENT,
  });
}

function request(method: string, params: object): string {
  return JSON.stringify({ jsonrpc: "2.0", id: 1, method, params });
}

interface ListResult {
  readonly tools?: readonly {
    readonly name?: unknown;
    readonly annotations?: { readonly readOnlyHint?: unknown; readonly idempotentHint?: unknown };
  }[];
  readonly nextCursor?: unknown;
}

/** Reads an answer, JSON or events; null when there is no list of tools in it. */
export function readPage(body: Uint8Array): ToolPage | null {
  for (const message of messages(body)) {
    const { tools, nextCursor } = message.result ?? {};
    if (Array.isArray(tools)) {
      const names = (tools as NonNullable<ListResult["tools"]>)
        .filter((tool) => {
          const { readOnlyHint, idempotentHint } = tool?.annotations ?? {};
          return readOnlyHint === true || idempotentHint === true;
        })
        .map((tool) => String(tool.name));
      const more = typeof nextCursor === "string" && nextCursor !== "";
      return { repeatable: names, next: more ? nextCursor : null };
    }
  }
  return null;
}

function messages(body: Uint8Array): { result?: ListResult }[] {
  const whole = parse(new TextDecoder().decode(body));
  if (whole !== null) {
    return [whole];
  }
  return new EventReader(body.length + 1, UNCOUNTED)
    .read(body)
    .map((event) => parse(new TextDecoder().decode(event.data ?? undefined)))
    .filter((message) => message !== null);
}

function parse(text: string): { result?: ListResult } | null {
  try {
    const json: unknown = JSON.parse(text);
    return typeof json === "object" && json !== null ? json : null;
  } catch {
    return null;
  }
}
