import type { Edge } from "../edge";
import { declaredBytes } from "../gate/rejection";
import { noOrigin, outcomeUnknown } from "../wire/call-error";
import { EventTooLong, NoRoomForEvent } from "../wire/event-reader";
import { hasMethod, type Payload, readBody, UNREADABLE } from "../wire/payload";
import { Attempt, AttemptFailed, Cancelled, Expired } from "./attempt";
import { CallHeaders } from "./call-headers";
import { Client } from "./client";
import { EventStream, isEventStream } from "./event-stream";
import { hold } from "./held-answer";
import { NOTHING } from "./intake";
import { died, type Lost, MAX_DEATHS, mayHaveRun, outlived, processes } from "./quarantine";
import { onlyReads } from "./replay-policy";
import { Search } from "./search";
import { type Taken, urlOf } from "./taken";

const LOOK_MILLIS = 20;
/** For which a client is waited for that is told of an error. */
const LAST_WORDS_MILLIS = 10_000;
const NO_TOOLS: ReadonlySet<string> = new Set();

/** From here on Cloudflare answers in an origin's place; this one says that its connection broke. */
const CLOUDFLARES_OWN = 520;

/** An attempt's answer is too long, or answers nothing, as any other attempt's would be. */
class Refused extends Error {}

/** One client's request, through as many attempts as it takes until its client has an answer. */
export class Call {
  readonly #edge: Edge;
  #taken: Taken;
  readonly #headers: CallHeaders;
  readonly #client: Client;
  readonly #search: Search;
  #payload: Payload | null = null;
  #attempt: Attempt | null = null;
  #stream: EventStream | null = null;
  #passingThrough = false;
  #delivered = false;
  #notRun = 0;
  #lost: Lost[] = [];

  constructor(edge: Edge, taken: Taken) {
    this.#edge = edge;
    this.#taken = taken;
    this.#headers = new CallHeaders(taken.request.headers, taken.route, taken.caller);
    const challenge = edge.gate.challengeOfOrigin;
    this.#client = new Client(taken.request.signal, challenge, () => this.#clientGone());
    const wait = taken.route === "health" ? 0 : edge.config.forwarding.waitMillis;
    this.#search = new Search(wait, Date.now());
  }

  /** Its response, as soon as there is a head; what follows goes on by itself, also without the client where that is no cancelling. */
  respond(): Promise<Response> {
    const { ctx, lease } = this.#taken;
    const done = this.#run()
      .catch(async (error: unknown) => {
        console.error(`Call ${this.#headers.callId}:`, error);
        await this.#giveUp();
      })
      .finally(() => {
        lease.give();
        this.#client.nobody(); // Does nothing where there was an answer.
      });
    ctx.waitUntil(done);
    if (this.#edge.config.forwarding.safeReplayOnly) {
      this.#edge.catalog.refresh(ctx, this.#taken.gatewaySecret);
    }
    return this.#client.response;
  }

  async #run(): Promise<void> {
    const { pool } = this.#edge;
    for (let over = this.#client.gone && this.#headers.closingCancels; !over; ) {
      if (await this.#isPoison()) {
        return;
      }
      const healthy = pool.choose(this.#search.tried);
      const step = this.#search.next(healthy, pool.inOrder(), Date.now());
      switch (step.kind) {
        case "attempt":
          over = await this.#try(step.origin);
          break;
        case "pause":
          await this.#pause(step.atLeast, step.atMost);
          over = this.#client.gone;
          break;
        case "giveUp":
          await this.#giveUp();
          over = true;
      }
    }
  }

  /** Whether processes died under it; it is over then, and not sent to another one. */
  async #isPoison(): Promise<boolean> {
    const { monitor, quarantine } = this.#edge;
    this.#lost = this.#lost.filter((lost) => !outlived(lost, monitor.known(lost.origin)));
    if (this.#lost.length < MAX_DEATHS) {
      return false;
    }
    const origins = [...new Set(this.#lost.map(({ origin }) => origin))];
    const found = await Promise.all(
      origins.map(async (name) => [name, await monitor.find(name, this.#taken.prober)] as const),
    );
    const now = new Map(found);
    const deaths = this.#lost.filter((lost) => {
      const there = now.get(lost.origin);
      return there !== undefined && died(lost, there);
    });
    if (processes(deaths) < MAX_DEATHS) {
      return false;
    }
    const { caller, body } = this.#taken;
    const { callId } = this.#headers;
    const message = this.#read().messages[0];
    const tool = message?.name ?? message?.method ?? null;
    const call = { callId, tool, user: caller.userId, bytes: body.length, at: Date.now() };
    console.error("Processes died under a call, which is not sent again:", JSON.stringify(call));
    quarantine.add(call);
    await this.#giveUp();
    return true;
  }

  /** Until an origin becomes healthy or answers a probe. */
  async #pause(atLeast: number, atMost: number): Promise<void> {
    const { pool, monitor } = this.#edge;
    monitor.probeWhatIsNotWell(this.#taken.prober);
    const begun = Date.now();
    const answers = pool.answeredProbes;
    for (;;) {
      const passed = Date.now() - begun;
      const news = pool.state.active !== null || pool.answeredProbes > answers;
      if (passed >= atMost || (passed >= atLeast && news) || this.#client.gone) {
        return;
      }
      await scheduler.wait(Math.min(LOOK_MILLIS, atMost - passed));
    }
  }

  /** Makes one attempt, and says whether the call is over. */
  async #try(origin: string): Promise<boolean> {
    const { forwarding } = this.#edge.config;
    const { idleTimeoutMillis, attemptMillis } = forwarding;
    const attempt = new Attempt(origin, this.#search.attempts, idleTimeoutMillis, attemptMillis);
    const generation = this.#edge.monitor.generation(origin);
    const deliveredBefore = this.#delivered;
    this.#attempt = attempt;
    try {
      await this.#receive(attempt, await this.#open(attempt));
      if (this.#edge.monitor.generation(origin) === generation) {
        this.#edge.succeeded(origin);
      }
      return true;
    } catch (error) {
      if (error instanceof AttemptFailed && error.failure === "notRun") {
        this.#delivered = deliveredBefore;
        this.#notRun++;
      }
      return await this.#broken(attempt, generation, error);
    } finally {
      attempt.cancel(); // Whatever ended it: nobody reads on.
      this.#attempt = null;
    }
  }

  /** An attempt has ended without a whole answer; says whether the call is over. */
  async #broken(attempt: Attempt, generation: number, error: unknown): Promise<boolean> {
    if (error instanceof AttemptFailed) {
      return await this.#failed(attempt, generation, error);
    }
    if (error instanceof NoRoomForEvent) {
      // The origin has its answer, and gives it again when there is room.
      return await this.#failed(attempt, generation, new AttemptFailed("noRoom", "an event"));
    }
    if (error instanceof Cancelled) {
      return true;
    }
    if (error instanceof Expired || error instanceof Refused || error instanceof EventTooLong) {
      await (this.#stream?.mayBreakOff ? this.#client.end() : this.#giveUp());
      return true;
    }
    throw error;
  }

  async #open(attempt: Attempt): Promise<Response> {
    const { request, body, gatewaySecret } = this.#taken;
    this.#delivered = true;
    const deadline = this.#edge.monitor.byDatabase(attempt.deadline);
    // To an origin a later attempt is one that was let in before: those that were not do not count.
    const number = attempt.number - this.#notRun;
    const headers = this.#headers.forAttempt({ number, deadline, gatewaySecret });
    return await attempt.open(
      urlOf(this.#taken, this.#edge.config, attempt),
      request.method,
      headers,
      body,
    );
  }

  async #receive(attempt: Attempt, head: Response): Promise<void> {
    if (head.status < CLOUDFLARES_OWN) {
      this.#edge.monitor.answered(attempt.origin);
    }
    // It has no room, or knows another gateway secret, as for a moment while one is rotated.
    const said = (head.status === 503 || head.status === 403) && head.headers.has("X-Not-Run");
    // A share that is spent may tell the client to send the call again only where no attempt before may have run.
    const notRun = said || (head.status === 429 && attempt.number - this.#notRun > 1);
    if ((head.status >= 500 || notRun) && this.#taken.route !== "health") {
      attempt.cancel();
      const failure = head.status === CLOUDFLARES_OWN ? "lost" : "serverError";
      throw new AttemptFailed(notRun ? "notRun" : failure, `status ${head.status}`);
    }
    this.#edge.keys.answered(this.#taken.caller, head.status);
    if (isEventStream(head)) {
      await this.#passEvents(attempt, head);
    } else {
      await this.#hold(attempt, head);
    }
  }

  async #passEvents(attempt: Attempt, head: Response): Promise<void> {
    const method = this.#taken.request.method;
    const listens = method === "GET" || hasMethod(this.#read(), "subscriptions/listen");
    attempt.listening = listens;
    if (this.#stream === null) {
      const request = listens ? UNREADABLE : this.#read();
      this.#stream = new EventStream(this.#client, request, listens);
      this.#client.begin(head, attempt.origin, attempt.number);
    }
    if (listens) {
      this.#letGo();
    }
    await this.#stream.pass(attempt, this.#taken.lease);
  }

  /** A stream that lasts is not sent again: for as long as it does nothing of its body is held. */
  #letGo(): void {
    this.#taken.lease.listen();
    this.#taken = { ...this.#taken, body: NOTHING };
    this.#payload = null;
  }

  /** Holds an answer until it is whole; one that is longer than is held is passed on as it comes. */
  async #hold(attempt: Attempt, head: Response): Promise<void> {
    const passOn = (beginning: readonly Uint8Array[]) =>
      this.#passBeginning(attempt, head, beginning);
    const body = await hold(attempt, this.#taken.lease, declaredBytes(head.headers), passOn);
    if (body === null) {
      await this.#passRest(attempt);
    } else if (this.#stream === null) {
      this.#passingThrough = true;
      await attempt.unlessOver(this.#client.answer(head, body, attempt.origin, attempt.number));
    } else {
      await this.#endStream(this.#stream, attempt, readBody(body));
    }
  }

  async #endStream(stream: EventStream, attempt: Attempt, answer: Payload): Promise<void> {
    const events = stream.eventsOfAnswer(answer);
    if (events.length === 0) {
      throw new Refused();
    }
    await attempt.unlessOver(stream.end(events));
  }

  async #passBeginning(
    attempt: Attempt,
    head: Response,
    beginning: readonly Uint8Array[],
  ): Promise<void> {
    if (this.#stream !== null) {
      throw new Refused(); // The client reads events, and this cannot become one.
    }
    this.#passingThrough = true;
    this.#client.begin(head, attempt.origin, attempt.number);
    // A client that takes nothing in must not hold the call for longer than it may last.
    for (const piece of beginning) {
      await attempt.unlessOver(this.#client.write(piece));
    }
  }

  async #passRest(attempt: Attempt): Promise<void> {
    for (let piece = await attempt.read(); piece !== null; piece = await attempt.read()) {
      await attempt.unlessOver(this.#client.write(piece));
    }
    await attempt.unlessOver(this.#client.end());
  }

  /** An attempt has failed; says whether the call is over. */
  async #failed(attempt: Attempt, generation: number, error: AttemptFailed): Promise<boolean> {
    this.#blame(attempt, generation, error);
    if (error.failure === "lost") {
      this.#noteLost(attempt, generation);
    }
    if (attempt.opened && error.failure !== "serverError" && error.failure !== "notRun") {
      this.#search.cutShort(attempt.age, Date.now());
    }
    if (this.#client.gone) {
      return true;
    }
    if (this.#passingThrough) {
      await this.#client.abort();
      return true;
    }
    if (this.#stream?.mayBreakOff) {
      await this.#client.end();
      return true;
    }
    return !(await this.#maySendAgain());
  }

  #noteLost({ origin, begun, opened }: Attempt, generation: number): void {
    const reached = opened || this.#edge.monitor.answeredAt(origin) >= begun;
    const lost = { origin, begun, ended: Date.now(), generation, reached };
    if (mayHaveRun(lost)) {
      this.#lost.push(lost);
    }
  }

  #blame(attempt: Attempt, generation: number, error: AttemptFailed): void {
    const { monitor, pool } = this.#edge;
    const { origin } = attempt;
    if (error.failure === "notRun" || error.failure === "noRoom") {
      return; // It is well; there is no room, there or here.
    }
    if (monitor.generation(origin) !== generation) {
      this.#search.forget(origin); // Its process was replaced: what became of it says nothing of the origin.
      return;
    }
    pool.observe({ kind: "attemptFailed", origin, reason: error.sentence }, Date.now());
    monitor.probeWhatIsNotWell(this.#taken.prober);
  }

  async #maySendAgain(): Promise<boolean> {
    if (!this.#delivered || !this.#edge.config.forwarding.safeReplayOnly) {
      return true;
    }
    const tools = await this.#edge.catalog.readOnly(this.#taken.gatewaySecret);
    if (onlyReads(this.#taken.request.method, this.#read(), tools)) {
      return true;
    }
    await this.#giveUp();
    return false;
  }

  async #giveUp(): Promise<void> {
    const { callId, key, hasOwnKey } = this.#headers;
    const reads = onlyReads(this.#taken.request.method, this.#read(), NO_TOOLS);
    const noEffect = !this.#delivered || reads;
    const error = noEffect ? noOrigin(callId, key) : outcomeUnknown(callId, key);
    console.warn(`Call ${callId}: ${error.code} after ${this.#search.attempts} attempts`);
    if (this.#passingThrough || this.#client.stuck) {
      await this.#client.abort(); // What it has of an answer is not whole, and it is to see that.
    } else if (this.#stream !== null) {
      // A client that takes nothing in any more does not hold the call.
      const ended = this.#stream.end(this.#stream.eventsOfError(error));
      await Promise.race([ended, scheduler.wait(LAST_WORDS_MILLIS)]);
      await (this.#client.stuck ? this.#client.abort() : undefined);
    } else if (this.#taken.route === "health") {
      this.#client.unhealthy();
    } else {
      this.#client.error(error, this.#read(), this.#search.attempts, noEffect || hasOwnKey);
    }
  }

  #clientGone(): void {
    const attempt = this.#attempt;
    if (attempt !== null && (this.#headers.closingCancels || attempt.listening)) {
      attempt.cancel();
    }
  }

  /** The messages in the body; read when first asked for, which for most calls is never. */
  #read(): Payload {
    this.#payload ??= readBody(this.#taken.body);
    return this.#payload;
  }
}
