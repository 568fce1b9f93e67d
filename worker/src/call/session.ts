import { base64url } from "jose";
import type { Origin } from "../config/config";
import { MovedSessions, type Place } from "./moved-sessions";

export const SESSION = "Mcp-Session-Id";
const INITIALIZED = '{"jsonrpc":"2.0","method":"notifications/initialized"}';
const PING = '{"jsonrpc":"2.0","id":"mcpist-edge","method":"ping"}';
const BETWEEN = "~";
/** A longer initialize is not carried: the id is in the header of each request. */
const MOST_PARAMS = 1_024;
/** A longer id is none that the edge has given. */
const MOST_ID_BYTES = 2_048;
const MOST_MOVED_BYTES = 1024 * 1024;

/** Sends a message to an origin in a session; null: in none yet. */
export type Post = (origin: Origin, body: string, session: string | null) => Promise<Response>;

const moved = new MovedSessions(MOST_MOVED_BYTES);

/**
 * A client's session with an origin that issues them. Isolates share nothing, so the client's id carries all that a new one needs:
 * the origin, the parameters of initialize in base64url, and the origin's own id.
 */
export class Session {
  /** As its client knows it. */
  readonly id: string;
  readonly #user: string;
  readonly #first: Place;
  readonly #params: string;
  #gone = false;

  constructor(user: string, origin: string, params: string, idThere: string) {
    this.#params = params;
    this.#first = { origin, id: idThere };
    this.id = [origin, params, idThere].join(BETWEEN);
    this.#user = user;
  }

  /**
   * Returns the session with this id; null if no edge has given it, with these origins.
   *
   * @param clientsId null if the client names no session
   */
  static find(
    user: string,
    clientsId: string | null,
    origins: readonly { readonly name: string }[],
  ): Session | null {
    if (clientsId === null || clientsId.length > MOST_ID_BYTES) {
      return null;
    }
    const [origin, params, ...rest] = clientsId.split(BETWEEN);
    const isOurs = origins.some(({ name }) => name === origin);
    return !isOurs || origin === undefined || params === undefined || rest.length === 0
      ? null
      : new Session(user, origin, params, rest.join(BETWEEN));
  }

  /** Returns the session that an origin has opened just now; null if its id is too long to be carried in another one. */
  static opened(user: string, place: Place, initialize: Uint8Array): Session | null {
    const { params } = JSON.parse(new TextDecoder().decode(initialize)) as { params?: object };
    const text = base64url.encode(JSON.stringify(params ?? {}));
    const carried = text.length <= MOST_PARAMS ? text : "";
    const sessions = [carried, ""].map((each) => new Session(user, place.origin, each, place.id));
    return sessions.find(({ id }) => id.length <= MOST_ID_BYTES) ?? null;
  }

  get place(): Place {
    return moved.get(this.#user, this.id) ?? this.#first;
  }

  get hasMoved(): boolean {
    return this.place !== this.#first;
  }

  get canMove(): boolean {
    return this.#params !== "";
  }

  /** The origin does not know it. */
  gone(): void {
    this.#gone = true;
  }

  /**
   * Its id at an origin that is to have a call of it; opened there, where it is elsewhere or gone.
   *
   * @param sure whether the origin is well
   */
  async at(origin: Origin, sure: boolean, post: Post): Promise<string> {
    const { place } = this;
    if (!this.canMove) {
      return place.id;
    }
    if (place.origin === origin.name && !this.#gone && (sure || (await this.lives(origin, post)))) {
      return place.id;
    }
    const id = await open(origin, this.#initialize(), post);
    moved.set(this.#user, this.id, { origin: origin.name, id });
    this.#gone = false;
    return id;
  }

  /** Whether the origin knows it: many say 400 where MCP wants 404. */
  async lives(origin: Origin, post: Post): Promise<boolean> {
    const answer = await post(origin, PING, this.place.id);
    await answer.body?.cancel();
    return answer.ok;
  }

  #initialize(): string {
    const params: unknown = JSON.parse(new TextDecoder().decode(base64url.decode(this.#params)));
    return JSON.stringify({ jsonrpc: "2.0", id: "mcpist-edge", method: "initialize", params });
  }
}

async function open(origin: Origin, initialize: string, post: Post): Promise<string> {
  const answer = await post(origin, initialize, null);
  await answer.text();
  const id = answer.headers.get(SESSION);
  if (!answer.ok || id === null) {
    throw new Error(`no session: status ${answer.status}`);
  }
  const told = await post(origin, INITIALIZED, id);
  await told.body?.cancel();
  return id;
}
