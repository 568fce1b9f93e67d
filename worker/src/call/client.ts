import { toClient } from "../wire/headers";
import { type Payload, requestsOf } from "../wire/payload";
import { ownHeaders } from "../wire/security-headers";
import { answerTo, type CallError, isRetryable } from "./call-error";
import { SESSION } from "./session";

const RETRY_SECONDS = "1";
const UNAUTHORIZED = 401;
/** In which the system of a client that is gone says so, and the runtime fails to write. */
const ECHO_MILLIS = 20;
const TURN_MILLIS = 1;
const PROBE_BYTES = 2;

/** The one who asked, and what it has been sent. */
export class Client {
  readonly response: Promise<Response>;
  /** What its session is called, where an origin names one; null: as there. */
  sessionId: string | null = null;
  /** Whether it must be known if it was there when its answer came, since it may send the same call again. */
  mayAskAgain = false;
  readonly #resolve: (response: Response) => void;
  readonly #onGone: () => void;
  readonly #challenge: string | null;
  #writer: WritableStreamDefaultWriter<Uint8Array> | null = null;
  #gone = false;
  #served = false;
  #writing = 0;

  /**
   * @param challenge of the edge's, which alone knows by which name the server is known, for a 401 of an origin's; null: none
   * @param onGone what to do when its connection is closed before its response is whole
   */
  constructor(signal: AbortSignal, challenge: string | null, onGone: () => void) {
    const { promise, resolve } = Promise.withResolvers<Response>();
    this.response = promise;
    this.#resolve = resolve;
    this.#challenge = challenge;
    this.#onGone = onGone;
    signal.addEventListener("abort", () => this.#leave());
    if (signal.aborted) {
      this.#leave();
    }
  }

  get gone(): boolean {
    return this.#gone;
  }

  /** Whether it has not taken in yet what it was sent last. */
  get stuck(): boolean {
    return this.#writing > 0;
  }

  /** Whether it has its answer, an origin's, as far as can be known. */
  get served(): boolean {
    return this.#served;
  }

  #leave(): void {
    if (!this.#gone && !this.#served) {
      this.#gone = true;
      this.#onGone();
    }
  }

  /** Sends an origin's whole answer; completes when it is taken in, until when it is held. */
  async answer(head: Response, body: Uint8Array, origin: string, attempts: number): Promise<void> {
    if (body.length > 0) {
      this.#send(new FixedLengthStream(body.length), head, origin, attempts);
      await this.writeLast(body);
      await this.#close();
    } else {
      const init = { status: head.status, headers: this.#headersOf(head, origin, attempts) };
      this.#resolve(new Response(null, init));
      this.#served = !this.#gone;
    }
  }

  /** Sends an origin's head; the body follows piece by piece. */
  begin(head: Response, origin: string, attempts: number): void {
    this.#send(new IdentityTransformStream(), head, origin, attempts);
  }

  #send(stream: IdentityTransformStream, head: Response, origin: string, attempts: number): void {
    this.#writer = stream.writable.getWriter();
    this.#writer.closed.catch(() => this.#leave());
    const init = { status: head.status, headers: this.#headersOf(head, origin, attempts) };
    this.#resolve(new Response(stream.readable, init));
  }

  #headersOf(head: Response, origin: string, attempts: number): Headers {
    const headers = toClient(head.headers);
    headers.set("X-Served-By", origin);
    headers.set("X-Attempts", String(attempts));
    if (this.sessionId !== null && headers.has(SESSION)) {
      headers.set(SESSION, this.sessionId);
    }
    if (head.status === UNAUTHORIZED && this.#challenge !== null) {
      headers.set("WWW-Authenticate", this.#challenge);
    }
    return headers;
  }

  /** Sends a piece of the body; completes when there is room for the next. */
  async write(piece: Uint8Array): Promise<void> {
    if (!this.#gone && piece.length > 0) {
      await this.#taken(this.#writer?.write(piece));
    }
  }

  /**
   * Sends what completes its answer. workerd learns that a client has closed its connection only by writing: the first piece makes
   * the client's system say so, the second one fails, and the third is not sent.
   */
  async writeLast(bytes: Uint8Array): Promise<void> {
    const probes = this.mayAskAgain ? Math.min(PROBE_BYTES, bytes.length) : 0;
    const end = bytes.length - probes;
    await this.write(bytes.subarray(0, end));
    for (let next = end; next < bytes.length && !this.#gone; next++) {
      await scheduler.wait(next === end ? ECHO_MILLIS : TURN_MILLIS);
      await this.write(bytes.subarray(next, next + 1));
    }
    this.#served = !this.#gone;
  }

  /** Ends a body sent piece by piece, which is whole. */
  async end(): Promise<void> {
    if (!this.#gone && !this.#served) {
      await scheduler.wait(TURN_MILLIS);
      this.#served = !this.#gone;
    }
    await this.#close();
  }

  async #close(): Promise<void> {
    if (!this.#gone) {
      await this.#taken(this.#writer?.close());
    }
  }

  async #taken(sent: Promise<void> | undefined): Promise<void> {
    this.#writing++;
    await sent?.catch(() => this.#leave());
    this.#writing--;
  }

  /** Breaks off a body that cannot be made whole, so that the client sees that it is not. */
  async abort(): Promise<void> {
    if (!this.#gone) {
      await this.#writer?.abort(new Error("broken off")).catch(() => this.#leave());
    }
  }

  /** Sends the edge's own answer instead of an origin's. */
  error(error: CallError, payload: Payload, attempts: number): void {
    const headers = ownHeaders({ "X-Attempts": String(attempts) });
    if (isRetryable(error, payload)) {
      headers.set("Retry-After", RETRY_SECONDS);
    }
    const status = requestsOf(payload).length > 0 ? 200 : 503;
    this.#resolve(new Response(answerTo(error, payload), { status, headers }));
  }

  /** Says whether an origin is healthy. */
  health(healthy: boolean): void {
    this.#resolve(
      healthy ? new Response('{"status":"ok"}', { headers: ownHeaders() }) : unhealthy(),
    );
  }

  /** It is gone, and its request must have an end all the same. */
  nobody(): void {
    this.#resolve(nobody());
  }
}

/** What is sent to a client that is gone. */
export function nobody(): Response {
  return new Response(null, { status: 499 });
}

export function unhealthy(): Response {
  return new Response('{"status":"unhealthy"}', { status: 503, headers: ownHeaders() });
}
