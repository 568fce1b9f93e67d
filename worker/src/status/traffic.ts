const LAST = 500;

/** How an isolate's calls have ended, and how long its last attempts took. */
export class Traffic {
  /** Those with an answer of any kind; those of them with an error of the edge's own; those with more than one attempt. */
  readonly calls = { answered: 0, failed: 0, replayed: 0 };
  readonly #attempts: { readonly origin: string; readonly millis: number }[] = [];
  #next = 0;

  /** A call has been answered. */
  answered(failed: boolean, attempts: number): void {
    this.calls.answered++;
    this.calls.failed += failed ? 1 : 0;
    this.calls.replayed += attempts > 1 ? 1 : 0;
  }

  /** An attempt has ended, in whichever way. */
  attempted(origin: string, millis: number): void {
    this.#attempts[this.#next] = { origin, millis };
    this.#next = (this.#next + 1) % LAST;
  }

  /** How many of the isolate's last 500 attempts an origin had, and how long they took; null: none did. */
  at(name: string): { attempts: number; p50Millis: number | null; p99Millis: number | null } {
    const all = this.#attempts.filter(({ origin }) => origin === name).map((each) => each.millis);
    all.sort((a, b) => a - b);
    const percentile = (part: number) => all[Math.ceil(all.length * part) - 1] ?? null;
    return { attempts: all.length, p50Millis: percentile(0.5), p99Millis: percentile(0.99) };
  }
}
