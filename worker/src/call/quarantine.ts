/** So many processes one call may end. */
export const MAX_DEATHS = 2;
/** So many connections may break under one call, unless the processes are known to have outlived that. */
export const MAX_LOST = 3;
const KEPT = 20;
/** A user with two such calls within this time is held to one call at once for as long. */
const WINDOW_MILLIS = 600_000;
/** Those of a user within this time had the same two processes: one of them may have ended both. */
const INCIDENT_MILLIS = 5_000;
/** A refused connection fails within this time. */
const REFUSED_WITHIN_MILLIS = 500;
/** A process that answered something so shortly before an attempt is taken to have received the attempt. */
const ANSWERED_WITHIN_MILLIS = 1_000;

/** A call that is not sent any more. */
export interface Quarantined {
  readonly callId: string;
  /** What it calls, or its method; null where it cannot be read. */
  readonly tool: string | null;
  readonly user: string;
  readonly bytes: number;
  readonly at: number;
}

/** What this isolate has seen end processes. */
export class Quarantine {
  #calls: readonly Quarantined[] = [];
  /** When the first call of the newest incident was added. */
  readonly #incidentOf = new Map<string, number>();
  readonly #heldUntil = new Map<string, number>();

  /** The newest first. */
  get calls(): readonly Quarantined[] {
    return this.#calls;
  }

  add(call: Quarantined): void {
    const { user, at } = call;
    forget(this.#incidentOf, at - WINDOW_MILLIS);
    forget(this.#heldUntil, at);
    const before = this.#incidentOf.get(user);
    const another = before !== undefined && at - before >= INCIDENT_MILLIS;
    if (another || this.#heldUntil.has(user)) {
      this.#heldUntil.set(user, at + WINDOW_MILLIS);
    }
    if (another || before === undefined) {
      this.#incidentOf.set(user, at);
    }
    this.#calls = [call, ...this.#calls].slice(0, KEPT);
  }

  /** Whether this user may have one call at once only. */
  holds(user: string, now: number): boolean {
    return (this.#heldUntil.get(user) ?? now) > now;
  }
}

function forget(instants: Map<string, number>, before: number): void {
  for (const [name, instant] of instants) {
    if (instant <= before) {
      instants.delete(name);
    }
  }
}

/** An attempt whose connection broke. */
export interface Lost {
  readonly origin: string;
  readonly begun: number;
  readonly ended: number;
  /** Which of the origin's processes it was sent to, as far as is known. */
  readonly generation: number;
  /** Whether the process began to answer the attempt. */
  readonly opened: boolean;
  /** When the origin last answered anything, as a call or a probe. */
  readonly answered: number;
}

/** What a probe has found out about one process. */
export interface Seen {
  /** When the newest probe began that the process answered. */
  readonly probed: number;
  /** When the process began at the earliest; null: it does not tell. */
  readonly began: number | null;
}

/** What is there in the origin's place now. */
export interface Found {
  /** Whether a connection was refused or broken last. */
  readonly refused: boolean;
  readonly generation: number;
  /** When the process began at the earliest, as it tells. */
  readonly began: number | null;
  /** By generation, what is known of each of the origin's processes. */
  readonly seen: readonly Seen[];
}

/**
 * Returns whether a process may have received the attempt. fetch reports a refused connection and a broken one by the same error. So
 * an attempt that failed at once counts only if the process answered something meanwhile or right before.
 */
export function mayHaveRun({ opened, answered, begun, ended }: Lost): boolean {
  const wasThere = opened || answered >= begun - ANSWERED_WITHIN_MILLIS;
  return wasThere || ended - begun >= REFUSED_WITHIN_MILLIS;
}

/** Returns whether the process that may have received the attempt is gone: another one is in its place, or none. */
export function died(lost: Lost, found: Found): boolean {
  const replaced = found.generation !== lost.generation || (found.began ?? 0) > lost.begun;
  return mayHaveRun(lost) && (replaced || found.refused);
}

/**
 * Returns whether the process is known to have outlived the attempt, whatever has become of it since. An isolate that had not probed
 * the process before counts the next one as the same generation; that one began later.
 */
export function outlived(lost: Lost, { seen }: Found): boolean {
  const process = seen[lost.generation];
  return process !== undefined && (process.began ?? 0) <= lost.begun && process.probed > lost.ended;
}

/** How many processes these attempts were sent to, as far as is known. */
export function processes(attempts: readonly Lost[]): number {
  return new Set(attempts.map(({ origin, generation }) => `${origin} ${generation}`)).size;
}
