/** Who calls. */
export interface Caller {
  /** What an origin is told: a user, or for an API key, which only an origin can look up, `key:` and the beginning of its digest. */
  readonly userId: string;
  /** Whether the origin gets the client's Authorization. */
  readonly passesAuthorization: boolean;
  /** The digest of the API key; null for a caller without one. */
  readonly key: string | null;
}

/** The operator: who is not asked, and the edge itself. */
export const LOCAL: Caller = { userId: "local", passesAuthorization: true, key: null };

const KEY_PREFIX = "key:";
/** Of a key's digest in the name of its holder: they tell keys apart. */
const DIGITS_OF_A_KEY = 16;

/** The holder of the API key with this digest. */
export function callerOfKey(digest: string): Caller {
  const userId = KEY_PREFIX + digest.slice(0, DIGITS_OF_A_KEY);
  return { userId, passesAuthorization: true, key: digest };
}

/** Whether it is one whom only an origin can tell from nobody. */
export function holdsKey({ key }: Caller): boolean {
  return key !== null;
}

/** The subject of a token, which stays here: it was made for this server and no other. */
export function callerOfToken(subject: string): Caller {
  return { userId: subject, passesAuthorization: false, key: null };
}

/** Whether an issuer's subject may be a user: not one of those that have a meaning here. */
export function mayBeUser(subject: string): boolean {
  return (
    /^[!-~]{1,255}$/.test(subject) && subject !== LOCAL.userId && !subject.startsWith(KEY_PREFIX)
  );
}
