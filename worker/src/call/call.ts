import type { Origin } from "../config/config";
import type { Edge } from "../edge";
import { declaredBytes } from "../gate/rejection";
import { LEDGER } from "../monitor/probe";
import { EventTooLong, NoRoomForEvent } from "../wire/event-reader";
import { hasMethod, isResponse, type Payload, readBody, UNREADABLE } from "../wire/payload";
import { Attempt, AttemptFailed, Cancelled, Expired, type Failure } from "./attempt";
import { answerTo, isUnkeyedCall, noAnswer } from "./call-error";
import { CallHeaders } from "./call-headers";
import { Client } from "./client";
import { EventStream, isEventStream } from "./event-stream";
import { hold } from "./held-answer";
import { NOTHING } from "./intake";
import { died, type Lost, MAX_DEATHS, mayHaveRun, outlived, processes } from "./quarantine";
import { isRepeatable } from "./replay-policy";
import { Search, type Step } from "./search";
import { type Post, SESSION, Session } from "./session";
import { type Taken, urlOf } from "./taken";
import type { InFlight, Untold } from "./undelivered";
import { newCallId } from "./uuid";

const LOOK_MILLIS = 20;
const SPACE = 0x20;
/** The time in milliseconds to wait for a client to take in an error. */
const LAST_WORDS_MILLIS = 10_000;
/** The time for which the client's error waits until an origin knows of an unknown outcome: another isolate may get the next call. */
const FIRST_WORDS_MILLIS = 1_000;
/** The requests with which a call may tell origins of its caller's other undelivered calls. Attempts that it has not made count too. */
const TELLING_REQUESTS = 4;
/** The requests for notices of equal calls, which are made before the call is sent. The pauses between them fill the wait. */
const HELD_REQUESTS = 22;

/** The sessions that one call opens anew, at most: a server may forget each at once. */
const MOST_REOPENED = 3;
const NO_TOOLS: ReadonlySet<string> = new Set();

/** The first status by which Cloudflare answers in an origin's place. It says that the origin's connection broke. */
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
  readonly #inFlight: InFlight;
  #payload: Payload | null = null;
  #attempt: Attempt | null = null;
  #stream: EventStream | null = null;
  /** Whether its client is not to send it again: it has ended processes before. */
  #barred = false;
  /** Whether it was not sent because it equals an earlier call that no origin has recorded. */
  #held = false;
  /** Whether all origins that may have run it keep it in a ledger. */
  #kept = true;
  /** Whether it may run twice. */
  #repeatable = false;
  /** The client's, with origins that have sessions. */
  #session: Session | null;
  #reopened = 0;
  #triedAtHomeAgain = false;
  #passingThrough = false;
  /** Whether it is JSON, and what was passed on are the spaces with which a slow answer begins: any JSON may follow. */
  #spacesOnly = false;
  /** Whether its client has no answer of an origin's, or no whole one. */
  #unanswered = false;
  /** Whether its answer is a stream that lasts, for which nobody waits. */
  #listens = false;
  /** Whether an origin may have it. */
  #sent = false;
  #telling: Promise<void> | null = null;
  /** The notice that the client has no answer; null if there is none. */
  #notice: Untold | null = null;
  #notRun = 0;
  #lost: Lost[] = [];

  constructor(edge: Edge, taken: Taken) {
    this.#edge = edge;
    this.#taken = taken;
    const callId = newCallId(edge.monitor.byDatabase(Date.now()));
    this.#headers = new CallHeaders(taken.request.headers, taken.route, taken.caller, callId);
    const sessionId = taken.request.headers.get(SESSION);
    this.#session = Session.find(taken.caller.userId, sessionId, edge.config.origins);
    const challenge = edge.gate.challengeOfOrigin;
    this.#client = new Client(taken.request.signal, challenge, () => this.#clientGone());
    const wait = taken.route === "health" ? 0 : edge.config.forwarding.waitMillis;
    const begun = Date.now();
    this.#search = new Search(wait, begun);
    this.#inFlight = {
      userId: taken.caller.userId,
      begun,
      bytes: taken.body.length,
      key: this.#headers.key,
      payload: () => this.#read(),
      over: Promise.withResolvers(),
      told: 0,
    };
  }

  /** Its response, as soon as there is a head; what follows goes on by itself, also without the client where that is no cancelling. */
  respond(): Promise<Response> {
    const { ctx, lease } = this.#taken;
    const done = this.#run()
      .catch(async (error: unknown) => {
        console.error(`Call ${this.#headers.callId}:`, error);
        await this.#giveUp();
      })
      .then(() => this.#leave())
      .finally(() => {
        if (this.#notice === null) {
          lease.give();
        } else {
          this.#edge.undelivered.hold(this.#notice, lease);
        }
        this.#client.nobody(); // Does nothing where there was an answer.
      });
    ctx.waitUntil(done);
    if (this.#edge.monitor.keepCalls === false) {
      this.#edge.catalog.refresh(ctx, this.#taken.gatewaySecret);
    }
    return this.#client.response;
  }

  async #run(): Promise<void> {
    const { undelivered } = this.#edge;
    if (this.#mayTell) {
      this.#client.mayAskAgain = true;
      if (!(await undelivered.enter(this.#inFlight, HELD_REQUESTS, () => this.#client.gone))) {
        this.#held = true;
        await this.#giveUp();
        return;
      }
      this.#search.restart(Date.now()); // The wait for an equal call leaves no less time for the search.
      this.#search.spend(this.#inFlight.told);
      this.#tellOthers();
    }
    // A client that leaves before the first attempt ends its call, whatever its revision: its next call may be an equal one, and both
    // would run.
    for (let over = this.#client.gone; !over; ) {
      if (await this.#isPoison()) {
        return;
      }
      const step = this.#next();
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

  /** Tells the origins of the caller's other calls, for which this one does not wait: whoever was to do that may be gone. */
  #tellOthers(): void {
    const { undelivered } = this.#edge;
    if (undelivered.owes(this.#inFlight.userId)) {
      this.#search.spend(TELLING_REQUESTS);
      const most = this.#inFlight.told + TELLING_REQUESTS;
      this.#taken.ctx.waitUntil(undelivered.tell(this.#inFlight, most));
    }
  }

  #next(): Step {
    const { pool, monitor } = this.#edge;
    const { tried } = this.#search;
    // An origin without a ledger would run a call again that an origin with one may have run.
    const barred = this.#sent && !this.#repeatable ? monitor.keepersNot : [];
    const all = pool.inOrder().filter((name) => !barred.includes(name));
    const home = this.#session?.place.origin ?? "";
    const atHome =
      all.includes(home) && !tried.has(home) && pool.origin(home).health !== "unhealthy";
    const healthy = atHome ? home : pool.choose(new Set([...tried, ...barred]));
    return this.#search.next(healthy, all, Date.now());
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
    this.#barred = quarantine.holds(call.user, call.at);
    await this.#giveUp();
    return true;
  }

  /** Waits until an origin becomes healthy or answers a probe. */
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
    const sessionThere = await this.#enterSession(origin);
    if (sessionThere === null) {
      this.#notRun++;
      return false;
    }
    const attempt = new Attempt(origin, this.#search.attempts, idleTimeoutMillis, attemptMillis);
    const generation = this.#edge.monitor.generation(origin);
    const sentBefore = this.#sent;
    this.#attempt = attempt;
    try {
      await this.#receive(attempt, await this.#open(attempt, sessionThere));
      if (this.#edge.monitor.generation(origin) === generation) {
        this.#edge.succeeded(origin);
      }
      return true;
    } catch (error) {
      if (error instanceof AttemptFailed && error.failure === "notRun") {
        this.#sent = sentBefore;
        this.#notRun++;
      }
      return await this.#broken(attempt, generation, error);
    } finally {
      if (this.#taken.route === "mcp" && !attempt.listening) {
        this.#edge.traffic.attempted(origin, attempt.age);
      }
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

  /** The id of the call's session at the origin, empty where it has none; null: it is not opened there. */
  async #enterSession(name: string): Promise<string | null> {
    const origin = this.#origin(name);
    if (this.#session === null || origin === undefined || this.#client.gone) {
      return "";
    }
    try {
      const sure = this.#edge.pool.origin(name).health === "healthy";
      return await this.#session.at(origin, sure, this.#post);
    } catch (error) {
      console.warn(`Call ${this.#headers.callId}: ${name}: ${String(error)}`);
      return null;
    }
  }

  #origin(name: string): Origin | undefined {
    return this.#edge.config.origins.find((each) => each.name === name);
  }

  /** Sends a message of the edge's own in the call's session. */
  readonly #post: Post = (origin, body, session) => {
    const { idleTimeoutMillis, attemptMillis } = this.#edge.config.forwarding;
    const deadline = this.#edge.monitor.byDatabase(Date.now() + attemptMillis);
    const { gatewaySecret } = this.#taken;
    const headers = this.#headers.forSession({ number: 1, deadline, gatewaySecret }, session);
    const signal = AbortSignal.timeout(idleTimeoutMillis);
    const init = { method: "POST", headers, body, redirect: "manual", signal } as const;
    return fetch(origin.url + origin.mcpPath, init);
  };

  async #open(attempt: Attempt, sessionThere: string): Promise<Response> {
    const { request, body, gatewaySecret } = this.#taken;
    this.#sent = true;
    const deadline = this.#edge.monitor.byDatabase(attempt.deadline);
    // The number counts the attempts that an origin has let in.
    const number = attempt.number - this.#notRun;
    const headers = this.#headers.forAttempt({ number, deadline, gatewaySecret });
    if (sessionThere !== "") {
      headers.set(SESSION, sessionThere);
    }
    if (this.#session?.hasMoved) {
      headers.delete("Last-Event-ID"); // Of events that another process has numbered.
    }
    return await attempt.open(
      urlOf(this.#taken, this.#edge.config, attempt),
      request.method,
      headers,
      body,
    );
  }

  async #receive(attempt: Attempt, head: Response): Promise<void> {
    if (head.status < CLOUDFLARES_OWN) {
      this.#edge.monitor.answered(attempt.origin, head.headers.has(LEDGER));
    }
    const failure = this.#failureOf(attempt, head);
    if (failure !== null) {
      attempt.cancel();
      throw new AttemptFailed(failure, `status ${head.status}`);
    }
    if (this.#taken.route === "health" && head.status >= 400 && head.status < 500) {
      attempt.cancel(); // There is no such path: the pool knows as much.
      this.#client.health(this.#edge.pool.choose(new Set()) !== null);
      return;
    }
    if (await this.#sessionIsGone(attempt, head)) {
      attempt.cancel();
      this.#session?.gone();
      this.#reopened++;
      this.#search.forget(attempt.origin);
      throw new AttemptFailed("notRun", "no such session");
    }
    this.#edge.gate.answered(this.#taken.request, this.#taken.caller, head.status);
    this.#noteSession(attempt, head);
    if (isEventStream(head)) {
      await this.#passEvents(attempt, head);
    } else {
      await this.#hold(attempt, head);
    }
  }

  /** Why an answer with this head is no answer for the client; null if it is one. */
  #failureOf(attempt: Attempt, head: Response): Failure | null {
    const { status } = head;
    if (this.#taken.route === "health") {
      // The origin's own 5xx is the answer to a question for its health, but a page in its place says nothing of it.
      return this.#isInItsPlace(attempt.origin, head) ? "notTheOrigin" : null;
    }
    const refused = status >= 400 && status < 500;
    const mayHaveRunBefore = attempt.number - this.#notRun > 1;
    // The origin has no room, or knows another gateway secret, as while one is rotated.
    const says = (status === 503 || status === 403) && head.headers.has("X-Not-Run");
    // A refusal is about this attempt alone. An earlier attempt may have run, which the client would not think. What may run twice is
    // refused for good, unless a share was used up.
    if (says || (refused && mayHaveRunBefore && (status === 429 || !this.#repeatable))) {
      return "notRun";
    }
    if (status >= 500) {
      return status === CLOUDFLARES_OWN ? "lost" : "serverError";
    }
    return this.#isInItsPlace(attempt.origin, head) ? "notTheOrigin" : null;
  }

  /**
   * Returns true if something has answered in the origin's place, since an origin that keeps a ledger says so in each answer. It may
   * be a platform's page, such as that of a stopped service or of one that starts, or a redirect to a sign-in.
   */
  #isInItsPlace(origin: string, head: Response): boolean {
    return this.#edge.monitor.keepsCalls(origin) && !head.headers.has(LEDGER);
  }

  /** Whether an origin refuses the call for want of its session, which can be opened anew. */
  async #sessionIsGone(attempt: Attempt, head: Response): Promise<boolean> {
    const session = this.#session;
    const origin = this.#origin(attempt.origin);
    const ends = this.#taken.request.method === "DELETE";
    if (session === null || origin === undefined || ends || this.#reopened >= MOST_REOPENED) {
      return false;
    }
    if (!session.canMove || (head.status !== 404 && head.status !== 400)) {
      return false;
    }
    return head.status === 404 || !(await session.lives(origin, this.#post).catch(() => true));
  }

  /** An origin has opened a session: from now on its client's id is the edge's. One that keeps a ledger has none: its id is for all origins. */
  #noteSession(attempt: Attempt, head: Response): void {
    const id = head.headers.has(LEDGER) ? null : head.headers.get(SESSION);
    if (this.#session === null && id !== null && head.ok && hasMethod(this.#read(), "initialize")) {
      const { caller, body } = this.#taken;
      this.#session = Session.opened(caller.userId, { origin: attempt.origin, id }, body);
    }
    this.#client.sessionId = this.#session?.id ?? null;
  }

  async #passEvents(attempt: Attempt, head: Response): Promise<void> {
    const method = this.#taken.request.method;
    const listens = method === "GET" || hasMethod(this.#read(), "subscriptions/listen");
    attempt.listening = listens;
    if (this.#stream === null) {
      const request = listens ? UNREADABLE : this.#read();
      this.#stream = new EventStream(this.#client, request, listens, this.#headers.resumes);
      this.#client.begin(head, attempt.origin, attempt.number);
    }
    if (listens) {
      this.#letGo();
    }
    await this.#stream.pass(attempt, this.#taken.lease);
  }

  /** A stream that lasts is not sent again: for as long as it does nothing of its body is held. */
  #letGo(): void {
    this.#listens = true;
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
      const answered = asAnswer(head, body);
      await attempt.unlessOver(this.#client.answer(answered, body, attempt.origin, attempt.number));
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
    this.#spacesOnly = head.headers.get("Content-Type")?.startsWith("application/json") ?? false;
    this.#client.begin(head, attempt.origin, attempt.number);
    for (const piece of beginning) {
      await this.#pass(attempt, piece);
    }
  }

  async #passRest(attempt: Attempt): Promise<void> {
    for (let piece = await attempt.read(); piece !== null; piece = await attempt.read()) {
      await this.#pass(attempt, piece);
    }
    await attempt.unlessOver(this.#client.end());
  }

  async #pass(attempt: Attempt, piece: Uint8Array): Promise<void> {
    this.#spacesOnly &&= piece.every((byte) => byte === SPACE);
    // A client that takes nothing in must not hold the call for longer than it may last.
    await attempt.unlessOver(this.#client.write(piece));
  }

  /** An attempt has failed; says whether the call is over. */
  async #failed(attempt: Attempt, generation: number, error: AttemptFailed): Promise<boolean> {
    this.#blame(attempt, generation, error);
    if (error.failure === "lost") {
      this.#noteLost(attempt, generation);
    }
    const listensOn = attempt.listening && attempt.opened && this.#session?.canMove === true;
    const wasAtWork =
      error.failure === "silent" || error.failure === "lost" || error.failure === "noRoom";
    if (attempt.opened && wasAtWork) {
      this.#search.cutShort(listensOn ? Number.MAX_SAFE_INTEGER : attempt.age, Date.now());
    }
    if (this.#session?.canMove && !this.#triedAtHomeAgain && error.failure !== "notRun") {
      this.#triedAtHomeAgain = true; // A ping shows whether the session has gone with this connection.
      this.#search.forget(attempt.origin);
    }
    if (this.#client.gone) {
      return true;
    }
    if (this.#passingThrough) {
      await this.#giveUp();
      return true;
    }
    if (this.#stream?.mayBreakOff && !listensOn) {
      await this.#client.end();
      return true;
    }
    return !(await this.#maySendAgain(attempt.origin, error.failure));
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
    if (error.failure === "notTheOrigin") {
      return; // A probe finds out whether the origin is gone.
    }
    if (monitor.generation(origin) !== generation) {
      this.#search.forget(origin); // Its process was replaced: what became of it says nothing of the origin.
      return;
    }
    pool.observe({ kind: "attemptFailed", origin, reason: error.sentence }, Date.now());
    monitor.probeWhatIsNotWell(this.#taken.prober);
  }

  async #maySendAgain(origin: string, failure: Failure): Promise<boolean> {
    const { request, prober, gatewaySecret } = this.#taken;
    if (failure !== "notRun") {
      this.#repeatable = isRepeatable(request.method, this.#read(), NO_TOOLS);
      this.#kept &&= await this.#edge.monitor.findLedger(origin, prober);
    }
    if (!this.#sent || this.#repeatable) {
      return true;
    }
    if (this.#kept) {
      // Only those that are known to keep it, too, get it now.
      const { origins } = this.#edge.config;
      await Promise.all(origins.map((o) => this.#edge.monitor.findLedger(o.name, prober)));
      return true;
    }
    const tools = await this.#edge.catalog.repeatable(gatewaySecret);
    this.#repeatable = isRepeatable(request.method, this.#read(), tools);
    if (!this.#repeatable) {
      await this.#giveUp();
    }
    return this.#repeatable;
  }

  async #giveUp(): Promise<void> {
    this.#unanswered = true;
    const { callId, key } = this.#headers;
    const listens = this.#taken.request.method === "GET";
    const { keepCalls } = this.#edge.monitor;
    const keepsCalls = this.#kept && keepCalls === true && !this.#barred;
    console.warn(`Call ${callId}: no answer after ${this.#search.attempts} attempts`);
    this.#noteUndelivered();
    await Promise.race([this.#telling, scheduler.wait(FIRST_WORDS_MILLIS)]);
    const told = this.#notice?.end === "known";
    const call = { callId, key, keepsCalls, told, held: this.#held };
    const error = noAnswer(call, this.#sent && !listens);
    if (this.#client.stuck || (this.#passingThrough && !this.#spacesOnly)) {
      await this.#client.abort(); // What it has of an answer is not whole, and it is to see that.
    } else if (this.#passingThrough) {
      await this.#client.writeLast(new TextEncoder().encode(answerTo(error, this.#read())));
      await this.#client.end();
    } else if (this.#stream !== null) {
      // A client that takes nothing in any more does not hold the call.
      const ended = this.#stream.end(this.#stream.eventsOfError(error));
      await Promise.race([ended, scheduler.wait(LAST_WORDS_MILLIS)]);
      await (this.#client.stuck ? this.#client.abort() : undefined);
    } else if (this.#taken.route === "health") {
      this.#client.health(false);
    } else {
      this.#client.error(error, this.#read(), this.#search.attempts);
    }
  }

  #clientGone(): void {
    this.#noteUndelivered();
    const attempt = this.#attempt;
    if (attempt !== null && (this.#headers.closingCancels || attempt.listening)) {
      attempt.cancel();
    }
  }

  /** The call is over, for its client too. */
  async #leave(): Promise<void> {
    this.#noteUndelivered();
    const { events, failovers, traffic } = this.#edge;
    if (this.#taken.route === "mcp" && !this.#client.gone) {
      const waited = this.#listens ? 0 : Date.now() - this.#inFlight.begun;
      failovers.answered(this.#unanswered, this.#search.attempts, waited);
      traffic.answered(this.#unanswered, this.#search.attempts);
    }
    events.tell(this.#taken.prober);
    this.#edge.undelivered.leave(this.#inFlight);
    await this.#telling;
  }

  /** Whether origins may be told of it. Those that are not MCPist's own would run what they are told. */
  get #mayTell(): boolean {
    const { keepCalls } = this.#edge.monitor;
    return (
      this.#taken.request.method === "POST" && keepCalls !== false && this.#headers.mayCallTool
    );
  }

  /** Tells the origins, where one may have the call, and its client has no answer of it. */
  #noteUndelivered(): void {
    const { query, body, caller, gatewaySecret, ctx } = this.#taken;
    const { undelivered } = this.#edge;
    const { key } = this.#headers;
    const mayHaveRun = this.#sent && this.#mayTell;
    const isNew = mayHaveRun && !this.#client.served && this.#telling === null;
    if (isNew && this.#read().messages.some((message) => isUnkeyedCall(message, key))) {
      const number = Math.max(1, this.#search.attempts - this.#notRun);
      // Each request for the notice gets a deadline of its own when it is sent.
      const headers = this.#headers.forNotice({ number, deadline: 0, gatewaySecret });
      this.#notice = undelivered.add(caller.userId, { query, headers, body });
      undelivered.leave(this.#inFlight);
      const most = this.#inFlight.told + Math.max(TELLING_REQUESTS, this.#search.left);
      this.#telling = undelivered.tell(this.#inFlight, most);
      ctx.waitUntil(this.#telling);
    }
  }

  /** The messages in the body; read when first asked for, which for most calls is never. */
  #read(): Payload {
    this.#payload ??= readBody(this.#taken.body);
    return this.#payload;
  }
}

/** The head of an origin's answer. A refusal that answers the request is an answer: many clients do not live through a 429. */
function asAnswer(head: Response, body: Uint8Array): Response {
  const answers = head.status === 429 && readBody(body).messages.some(isResponse);
  return answers ? new Response(null, { headers: head.headers }) : head;
}
