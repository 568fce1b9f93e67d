/** So many processes one call may end. */
export const MAX_DEATHS = 2;
const KEPT = 20;
/** A user with two such calls within this time is held to one call at once for as long. */
const WINDOW_MILLIS = 600_000;
/** Those of a user within this time had the same two processes: one of them may have ended both. */
const INCIDENT_MILLIS = 5_000;
/** A connection that is refused is so in less. */
const REFUSED_WITHIN_MILLIS = 500;

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
  /** Whether a process had it for certain: it answered this attempt, or others meanwhile. */
  readonly reached: boolean;
}

/** What is there in the origin's place now. */
export interface Found {
  readonly refused: boolean;
  readonly generation: number;
  /** When the process began at the earliest, as it tells. */
  readonly began: number | null;
  /** For each of the origin's processes, by its generation, when the newest probe began that it answered. */
  readonly seen: readonly number[];
}

/**
 * Whether a process may have had it. fetch says the same of a connection that was refused as of one that broke: one that broke at
 * once counts for nothing unless something else was answered meanwhile.
 */
export function mayHaveRun({ reached, begun, ended }: Lost): boolean {
  return reached || ended - begun >= REFUSED_WITHIN_MILLIS;
}

/** Whether the process ended under the attempt. */
export function died(lost: Lost, found: Found): boolean {
  const replaced = found.generation !== lost.generation || (found.began ?? 0) > lost.begun;
  return mayHaveRun(lost) && (replaced || (found.refused && lost.reached));
}

/** Whether the process is known to have outlived the attempt, whatever has become of it since. */
export function outlived(lost: Lost, { generation, began, seen }: Found): boolean {
  const told = generation !== lost.generation || (began ?? 0) <= lost.begun;
  return told && (seen[lost.generation] ?? 0) > lost.ended;
}

/** How many processes these attempts were sent to, as far as is known. */
export function processes(attempts: readonly Lost[]): number {
  return new Set(attempts.map(({ origin, generation }) => `${origin} ${generation}`)).size;
}
