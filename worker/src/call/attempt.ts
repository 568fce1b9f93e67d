/**
 * Why an attempt failed, as far as a Worker can tell: fetch reports a refused connection and a broken one by the same error.
 * notTheOrigin: something else answered in the origin's place, such as a platform that has stopped the service.
 */
export type Failure = "lost" | "silent" | "serverError" | "notTheOrigin" | "notRun" | "noRoom";

export class AttemptFailed extends Error {
  readonly failure: Failure;

  constructor(failure: Failure, detail: string) {
    super(detail);
    this.failure = failure;
  }

  /** The reason in words, for the status and the log. */
  get sentence(): string {
    switch (this.failure) {
      case "lost":
        return `a call was refused or cut off (${this.message})`;
      case "silent":
        return `a call got no byte in time (${this.message})`;
      default:
        return `a call was answered with a server error (${this.message})`;
    }
  }
}

/** The attempt has reached its deadline at work. */
export class Expired extends Error {}

/** Nobody wants its answer any more. */
export class Cancelled extends Error {}

/** The speed at which a body is taken to be sent, since fetch does not tell how much of it has gone. */
const UPLOAD_BYTES_PER_MILLI = 1_024;

/** One exchange of a call with one origin, from fetch to the response's end. */
export class Attempt {
  readonly origin: string;
  /** 1 for the call's first. */
  readonly number: number;
  /** The instant after which it may have no effect any more. */
  readonly deadline: number;
  /** True if silence is no failure any more, since the response lasts until something happens. */
  listening = false;
  /** Whether the origin tells on a stream that lasts that it is there: its silence counts then, too. */
  beats = false;
  readonly #idleMillis: number;
  readonly begun = Date.now();
  readonly #controller = new AbortController();
  /** Fails when it is broken off. */
  readonly #over = Promise.withResolvers<never>();
  #reader: ReadableStreamDefaultReader<Uint8Array> | null = null;
  #timer: number | null = null;
  #waiting = false;
  #lastSign = Date.now();
  #opened = false;

  constructor(origin: string, number: number, idleMillis: number, attemptMillis: number) {
    this.origin = origin;
    this.number = number;
    this.#idleMillis = idleMillis;
    this.deadline = this.begun + attemptMillis;
    const { signal } = this.#controller;
    signal.addEventListener("abort", () => this.#over.reject(signal.reason));
    this.#over.promise.catch(() => {}); // Whoever waits is told; often nobody does.
  }

  /** How long ago it began, in milliseconds. */
  get age(): number {
    return Date.now() - this.begun;
  }

  /** Whether the origin has begun to answer. */
  get opened(): boolean {
    return this.#opened;
  }

  /**
   * @throws AttemptFailed, Expired, Cancelled
   */
  async open(url: string, method: string, headers: Headers, body: Uint8Array): Promise<Response> {
    this.#lastSign = Date.now() + body.length / UPLOAD_BYTES_PER_MILLI;
    this.#watch();
    const init: RequestInit = {
      method,
      headers,
      redirect: "manual",
      signal: this.#controller.signal,
    };
    // fetch takes no body with a GET, and MCP has none there.
    if (method !== "GET" && method !== "HEAD") {
      init.body = body;
    } else {
      headers.delete("Content-Length");
    }
    const response = await this.#wait(fetch(url, init));
    this.#opened = true;
    this.#reader = response.body?.getReader() ?? null;
    return response;
  }

  /**
   * The next piece of the body; null at its end.
   *
   * @throws AttemptFailed, Expired, Cancelled
   */
  async read(): Promise<Uint8Array | null> {
    if (this.#reader === null) {
      return null;
    }
    this.#lastSign = Date.now();
    const { done, value } = await this.#wait(this.#reader.read());
    return done ? null : value;
  }

  /**
   * Completes as what is given does, unless the attempt ends before.
   *
   * @throws AttemptFailed, Expired, Cancelled
   */
  async unlessOver(something: Promise<void>): Promise<void> {
    await Promise.race([something, this.#over.promise]);
  }

  async #wait<T>(something: Promise<T>): Promise<T> {
    this.#waiting = true;
    try {
      return await something;
    } catch (error) {
      const { aborted, reason } = this.#controller.signal;
      throw aborted ? reason : new AttemptFailed("lost", String((error as Error).message));
    } finally {
      this.#waiting = false;
      this.#lastSign = Date.now();
    }
  }

  // One timer for all that is waited for: it looks how long the silence has lasted, and sleeps on.
  #watch(): void {
    const now = Date.now();
    const silence = this.#waiting ? now - this.#lastSign : 0;
    const lasts = this.listening && this.#opened;
    if ((!lasts || this.beats) && silence >= this.#idleMillis) {
      this.#controller.abort(new AttemptFailed("silent", `no byte in ${silence} ms`));
    } else if (!lasts && now > this.deadline) {
      this.#controller.abort(new Expired());
    } else {
      const untilDeadline = lasts ? Number.POSITIVE_INFINITY : this.deadline - now + 1;
      const next = Math.min(this.#idleMillis - silence, untilDeadline);
      this.#timer = setTimeout(() => this.#watch(), Math.max(1, next));
    }
  }

  /** Ends it, and what it has of a connection; nothing, where it is over. */
  cancel(): void {
    clearTimeout(this.#timer);
    this.#controller.abort(new Cancelled());
  }
}
