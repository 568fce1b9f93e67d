import type { Config } from "../config/config";
import type { Monitor } from "../monitor/monitor";
import type { OriginPool } from "../monitor/origin-pool";
import { GrowingBytes, UNCOUNTED } from "../wire/growing-bytes";
import { ownRequest } from "./call-headers";
import { SESSION } from "./session";
import { initializeRequest, listRequest, readPage } from "./tool-page";
import { newCallId } from "./uuid";

const FRESH_MILLIS = 60_000;
const USABLE_MILLIS = 300_000;
/** Pages are requests, of which there are not many for one call. */
const MAX_PAGES = 3;
/** Of a page: it is parsed as a whole, into many times as much. */
const MAX_PAGE_BYTES = 1024 * 1024;
const STATELESS = "2026-07-28";
const WITH_SESSIONS = "2025-11-25";
const INITIALIZED = '{"jsonrpc":"2.0","method":"notifications/initialized"}';
const NONE: ReadonlySet<string> = new Set();

/** Requests of one revision to one origin. */
interface Dialogue {
  readonly url: string;
  readonly version: string;
  readonly session: string | null;
  readonly gatewaySecret: string;
}

/**
 * Which tools may run twice, as the origins' own tools/list says. Asked for when a call passes and what is known has become old, so
 * that it is known when that call fails. Tools of origins that want a user's own authorization stay unknown.
 */
export class ToolCatalog {
  readonly #config: Config;
  readonly #pool: OriginPool;
  readonly #monitor: Monitor;
  #repeatable = NONE;
  #asOf = Number.NEGATIVE_INFINITY;
  #askedAt = Number.NEGATIVE_INFINITY;

  constructor(config: Config, pool: OriginPool, monitor: Monitor) {
    this.#config = config;
    this.#pool = pool;
    this.#monitor = monitor;
  }

  /** A call passes: sees to it that what is known is not old. */
  refresh(ctx: ExecutionContext, gatewaySecret: string): void {
    const now = Date.now();
    const idle = now - this.#askedAt >= this.#config.forwarding.idleTimeoutMillis;
    if (idle && now - this.#asOf >= FRESH_MILLIS) {
      ctx.waitUntil(this.#ask(gatewaySecret));
    }
  }

  /** The tools that may run twice; none when no origin says so in time. Never fails. */
  async repeatable(gatewaySecret: string): Promise<ReadonlySet<string>> {
    if (Date.now() - this.#asOf >= USABLE_MILLIS) {
      await this.#ask(gatewaySecret);
    }
    return Date.now() - this.#asOf < USABLE_MILLIS ? this.#repeatable : NONE;
  }

  async #ask(gatewaySecret: string): Promise<void> {
    this.#askedAt = Date.now();
    const name = this.#pool.choose(new Set());
    const origin = this.#config.origins.find((o) => o.name === name);
    if (origin === undefined) {
      return;
    }
    try {
      this.#repeatable = await this.#list(origin.url + origin.mcpPath, gatewaySecret);
      this.#asOf = Date.now();
    } catch (error) {
      console.warn(`origin ${origin.name} does not list its tools: ${String(error)}`);
    }
  }

  async #list(url: string, gatewaySecret: string): Promise<Set<string>> {
    const modern = { url, version: STATELESS, session: null, gatewaySecret };
    try {
      return await this.#pages(modern, true);
    } catch {
      const opened = { url, version: WITH_SESSIONS, session: null, gatewaySecret };
      const answer = await this.#send(opened, "initialize", initializeRequest(WITH_SESSIONS));
      const dialogue = { ...opened, session: answer.headers.get(SESSION) };
      await this.#send(dialogue, "notifications/initialized", INITIALIZED);
      const tools = await this.#pages(dialogue, false);
      await this.#close(dialogue);
      return tools;
    }
  }

  async #pages(dialogue: Dialogue, stateless: boolean): Promise<Set<string>> {
    const found = new Set<string>();
    let cursor: string | null = null;
    for (let number = 1; number <= MAX_PAGES; number++) {
      const request = listRequest(dialogue.version, stateless, cursor);
      const answer = await this.#send(dialogue, "tools/list", request);
      const page = readPage(await bytesOf(answer));
      if (page === null) {
        throw new Error("no list of tools");
      }
      for (const name of page.repeatable) {
        found.add(name);
      }
      cursor = page.next;
      if (cursor === null) {
        break;
      }
    }
    return found;
  }

  async #send(dialogue: Dialogue, rpcMethod: string, body: string): Promise<Response> {
    const response = await this.#fetch(dialogue, "POST", rpcMethod, body);
    if (!response.ok) {
      throw new Error(`status ${response.status}`);
    }
    return response;
  }

  /** Ends the session, if there is one; an origin that minds keeps it. */
  async #close(dialogue: Dialogue): Promise<void> {
    if (dialogue.session !== null) {
      await this.#fetch(dialogue, "DELETE", "", null).catch(() => undefined);
    }
  }

  #fetch(
    dialogue: Dialogue,
    method: string,
    rpcMethod: string,
    body: string | null,
  ): Promise<Response> {
    const { idleTimeoutMillis, attemptMillis } = this.#config.forwarding;
    const { gatewaySecret, version, session, url } = dialogue;
    const now = this.#monitor.byDatabase(Date.now());
    const facts = { number: 1, deadline: now + attemptMillis, gatewaySecret };
    const headers = ownRequest(version, rpcMethod, newCallId(now), facts);
    if (session !== null) {
      headers.set(SESSION, session);
    }
    const signal = AbortSignal.timeout(idleTimeoutMillis);
    return fetch(url, { method, headers, body, redirect: "manual", signal });
  }
}

async function bytesOf(answer: Response): Promise<Uint8Array> {
  const held = new GrowingBytes(UNCOUNTED, 0, MAX_PAGE_BYTES);
  for await (const piece of answer.body ?? []) {
    if (held.length + piece.length > MAX_PAGE_BYTES) {
      throw new Error(`a page of more than ${MAX_PAGE_BYTES} bytes`);
    }
    held.append(piece);
  }
  return held.bytes;
}
