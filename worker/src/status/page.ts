import type { Origin } from "../config/config";
import type { Edge } from "../edge";
import type { Prober } from "../monitor/monitor";
import { ownHeaders } from "../wire/security-headers";
import type { Language } from "./documents";
import { knownTo } from "./known";

/** Another origin is asked then. */
const PATIENCE_MILLIS = 3_000;
/** Between two looks around in an isolate. */
const LOOK_AROUND_MILLIS = 5_000;
/** Everybody may ask for the public page, and it is for everybody the same. */
const PUBLIC_MILLIS = 5_000;
/**
 * A Worker has 50 requests of its own for each of a client's on the free plan, and 10 ms of CPU time. 8 requests tell events. These
 * are enough for six pages with two origins, each of which takes 0.6 to 0.9 ms. A probe takes two requests at most.
 */
const REQUESTS = 30;
const PROBE_REQUESTS = 2;
/** What a look around leaves of them, for origins to be asked. */
const LEFT_FOR_ORIGINS = 4;

/** What is asked of an origin. */
export interface Asked {
  readonly part: "page" | "main" | "public";
  readonly language: Language;
  /** What a person typed of a call. */
  readonly call: string | null;
  /** Whether the page may follow /status/events. */
  readonly live: boolean;
  /** Whether there is a session to sign out of. */
  readonly signedIn: boolean;
}

/** What an origin answers. */
export interface Page {
  readonly html: string;
  readonly headers: Headers;
}

/** What one client's request may still ask. */
export class Means {
  /** Tells events. */
  readonly prober: Prober;
  #left = REQUESTS;

  constructor(prober: Prober) {
    this.prober = prober;
  }

  /** Whether it is enough for another page. */
  get suffice(): boolean {
    return this.#left > LEFT_FOR_ORIGINS;
  }

  /** Takes what a probe needs, or nothing. */
  takeForProbe(): boolean {
    const suffice = this.#left - PROBE_REQUESTS >= LEFT_FOR_ORIGINS;
    this.#left -= suffice ? PROBE_REQUESTS : 0;
    return suffice;
  }

  takeForOrigin(): boolean {
    return this.#left-- > 0;
  }
}

/** The status page, which an origin makes of what the isolate knows. */
export class StatusPages {
  readonly #edge: Edge;
  readonly #public = new Map<Language, { readonly at: number; readonly page: Page | null }>();
  #lookedAt = Number.NEGATIVE_INFINITY;

  constructor(edge: Edge) {
    this.#edge = edge;
  }

  /** Null: no origin answers. */
  async ask(asked: Asked, means: Means): Promise<Page | null> {
    await this.#lookAround(means);
    this.#edge.tell(means.prober);
    const body = JSON.stringify({ edge: knownTo(this.#edge), ...asked });
    const tried = new Set<string>();
    for (;;) {
      const origin = this.#edge.monitor.chooseOwn(tried);
      if (origin === undefined || !means.takeForOrigin()) {
        return null;
      }
      const page = await askOrigin(origin, body, means.prober.gatewaySecret);
      if (page !== null) {
        return page;
      }
      tried.add(origin.name);
    }
  }

  /** As ask, for everybody. */
  async askPublic(language: Language, means: Means): Promise<Page | null> {
    const kept = this.#public.get(language);
    if (kept !== undefined && Date.now() - kept.at < PUBLIC_MILLIS) {
      return kept.page;
    }
    const asked = { part: "public", language, call: null, live: false, signedIn: false } as const;
    const page = await this.ask(asked, means);
    this.#public.set(language, { at: Date.now(), page });
    return page;
  }

  /** Unless a request has just begun to: another one may not wait for it. */
  async #lookAround(means: Means): Promise<void> {
    const now = Date.now();
    if (now - this.#lookedAt >= LOOK_AROUND_MILLIS) {
      this.#lookedAt = now;
      await this.#edge.lookAround(means.prober.gatewaySecret, () => means.takeForProbe());
    }
  }
}

async function askOrigin(
  { url }: Origin,
  body: string,
  gatewaySecret: string,
): Promise<Page | null> {
  const init = {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-Gateway-Secret": gatewaySecret },
    body,
    redirect: "manual",
    signal: AbortSignal.timeout(PATIENCE_MILLIS),
  } as const;
  try {
    const answer = await fetch(`${url}/status`, init);
    const html = await answer.text();
    const headers = ownHeaders();
    for (const name of ["Content-Type", "Content-Security-Policy"]) {
      headers.set(name, answer.headers.get(name) ?? headers.get(name) ?? "");
    }
    return answer.status === 200 ? { html, headers } : null;
  } catch {
    return null;
  }
}
