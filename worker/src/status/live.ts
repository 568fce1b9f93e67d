import type { Edge } from "../edge";
import { type PoolState, status } from "../pool/state";
import { type Language, ownMain } from "./documents";
import type { Asked, Means, StatusPages } from "./page";

const MOST = 16;
const LOOK_MILLIS = 2_000;
const RENDER_MILLIS = 5_000;
const ALIVE_MILLIS = 15_000;
/** The runtime may drop a request without another line of it being run. */
const LOST_MILLIS = 30_000;
/** After which a browser that was cut off comes back. */
const RETRY = "retry: 1000\n";

/** Those who follow the page in an isolate. */
export class Viewers {
  readonly #present = new Set<Viewer>();

  /** Its stream of events, of which it takes one after the other; null: there are too many. */
  enter(viewer: Viewer, ctx: ExecutionContext): ReadableStream<Uint8Array> | null {
    const now = Date.now();
    for (const each of this.#present) {
      if (now - each.seenAt > LOST_MILLIS) {
        this.#present.delete(each);
      }
    }
    if (this.#present.size >= MOST) {
      return null;
    }
    this.#present.add(viewer);
    const over = Promise.withResolvers<void>();
    const leave = () => {
      this.#present.delete(viewer);
      over.resolve();
    };
    // Where nothing is waited for, the runtime drops a request whose client has gone and aborts no signal.
    ctx.waitUntil(over.promise);
    viewer.signal.addEventListener("abort", leave);
    const utf8 = new TextEncoder();
    return new ReadableStream<Uint8Array>({
      pull: async (stream) => {
        const event = this.#present.has(viewer) ? await viewer.next() : null;
        if (event === null) {
          leave();
          stream.close();
        } else {
          stream.enqueue(utf8.encode(event));
        }
      },
      cancel: leave,
    });
  }
}

/** Follows the page for as long as its means suffice, and comes back then: with two origins for six pages, in 25 s. */
export class Viewer {
  /** Of its request. */
  readonly signal: AbortSignal;
  /** When it last asked for an event. */
  seenAt = Date.now();
  readonly #edge: Edge;
  readonly #pages: StatusPages;
  readonly #asked: Asked;
  readonly #means: Means;
  #pool = "";
  #html = "";
  #renderedAt = Number.NEGATIVE_INFINITY;
  #writtenAt = Date.now();

  constructor(
    edge: Edge,
    pages: StatusPages,
    language: Language,
    signedIn: boolean,
    means: Means,
    signal: AbortSignal,
  ) {
    this.#edge = edge;
    this.#pages = pages;
    this.#asked = { part: "main", language, call: null, live: true, signedIn };
    this.#means = means;
    this.signal = signal;
  }

  /** Waits for something new, or long enough; null: it is over. */
  async next(): Promise<string | null> {
    for (;;) {
      this.seenAt = Date.now();
      if (this.signal.aborted || !this.#means.suffice) {
        return null;
      }
      const event = (await this.#news()) ?? this.#alive();
      if (event !== null) {
        this.#writtenAt = Date.now();
        return event;
      }
      const untilRender = this.#renderedAt + RENDER_MILLIS - Date.now();
      const wait = Math.max(0, Math.min(LOOK_MILLIS, untilRender));
      await scheduler.wait(wait, { signal: this.signal }).catch(() => undefined);
    }
  }

  async #news(): Promise<string | null> {
    const pool = shown(this.#edge.pool.state);
    if (pool === this.#pool && Date.now() - this.#renderedAt < RENDER_MILLIS) {
      return null;
    }
    this.#pool = pool;
    const page = await this.#pages.ask(this.#asked, this.#means);
    const html = page?.html ?? ownMain(this.#asked.language, this.#edge);
    this.#renderedAt = Date.now();
    if (html === this.#html) {
      return null;
    }
    const retry = this.#html === "" ? RETRY : "";
    this.#html = html;
    return `${retry}event: main\ndata: ${html.replace(/\r\n|\r|\n/g, "\ndata: ")}\n\n`;
  }

  /** An event, since a script sees no comment. */
  #alive(): string | null {
    return Date.now() - this.#writtenAt >= ALIVE_MILLIS ? "event: alive\ndata:\n\n" : null;
  }
}

/** What of the pool's state the page shows. */
function shown({ origins, active }: PoolState): string {
  return JSON.stringify([active, origins.map(status)]);
}
