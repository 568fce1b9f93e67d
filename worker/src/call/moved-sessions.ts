/** Where a session is: an origin, and the id that this has given it. */
export interface Place {
  readonly origin: string;
  readonly id: string;
}

/** What an entry takes beside its text, about: the maps and the objects. */
const ENTRY_BYTES = 256;

/** The sessions of one user, the one that was idle for longest first. */
interface Owned {
  readonly places: Map<string, Place>;
  bytes: number;
}

/**
 * Where an isolate has opened sessions anew. If they take too many bytes, the user whose sessions take the most loses the session that
 * was idle for longest.
 */
export class MovedSessions {
  readonly #mostBytes: number;
  readonly #users = new Map<string, Owned>();
  #bytes = 0;

  constructor(mostBytes: number) {
    this.#mostBytes = mostBytes;
  }

  /** Returns where the session is; undefined if it is not known to have been opened anew. */
  get(user: string, id: string): Place | undefined {
    const places = this.#users.get(user)?.places;
    const place = places?.get(id);
    if (places !== undefined && place !== undefined) {
      places.delete(id);
      places.set(id, place);
    }
    return place;
  }

  set(user: string, id: string, place: Place): void {
    this.#delete(user, id);
    const owned = this.#users.get(user) ?? { places: new Map<string, Place>(), bytes: 0 };
    this.#users.set(user, owned);
    owned.places.set(id, place);
    this.#add(owned, bytesOf(user, id, place));
    while (this.#bytes > this.#mostBytes) {
      this.#forgetOne();
    }
  }

  #forgetOne(): void {
    const users = [...this.#users];
    const [user, { places }] = users.reduce((most, each) =>
      each[1].bytes > most[1].bytes ? each : most,
    );
    const [idlest] = places.keys();
    this.#delete(user, idlest ?? "");
  }

  #delete(user: string, id: string): void {
    const owned = this.#users.get(user);
    const place = owned?.places.get(id);
    if (owned === undefined || place === undefined) {
      return;
    }
    owned.places.delete(id);
    this.#add(owned, -bytesOf(user, id, place));
    if (owned.places.size === 0) {
      this.#users.delete(user);
    }
  }

  #add(owned: Owned, bytes: number): void {
    owned.bytes += bytes;
    this.#bytes += bytes;
  }
}

/** The text of a header has a byte for each character. */
function bytesOf(user: string, id: string, place: Place): number {
  return ENTRY_BYTES + user.length + id.length + place.origin.length + place.id.length;
}
