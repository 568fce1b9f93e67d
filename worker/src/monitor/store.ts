/** An origin's last outage, as the cron trigger saw it. Instants are milliseconds. */
export interface Recorded {
  /** Of the event that tells it. */
  readonly id: string;
  readonly at: number;
  readonly cause: string;
  /** Null: it goes on. */
  readonly ended: number | null;
  /** Whether it ended because an operator took the origin out. */
  readonly drained: boolean;
}

/** What is shared by all isolates. */
export interface SharedState {
  /** By origin; absent: it has always been well. */
  readonly health: Readonly<Record<string, Recorded>>;
  /** By origin, whether an operator has it out; absent: nobody has said. */
  readonly drained: Readonly<Record<string, boolean>>;
  /** How far Cloudflare's clock is ahead of the database's; null: it is not known to be. */
  readonly skewMillis: number | null;
  /** By origin, whether it keeps calls in a ledger. */
  readonly ledgers: Readonly<Record<string, boolean>>;
}

/** A run of the cron trigger. */
export interface Tick {
  /** In milliseconds. */
  readonly at: number;
  /** What the Worker was then. */
  readonly release: string;
}

/** The time in which no origin answers. Instants are milliseconds. */
export interface Outage {
  readonly id: string;
  readonly at: number;
  /** Null: it goes on. */
  readonly ended: number | null;
  /** The webhooks that know that it began, and not that it ended. */
  readonly told: readonly string[];
}

/** Keeps an issuer's keys. */
export interface KeyStore {
  /** A JSON Web Key Set; null: none has been had from there. */
  readKeys(): Promise<string | null>;
  writeKeys(text: string): Promise<void>;
}

/** With the address, so that an issuer that was left is not believed. */
interface KeptKeys {
  readonly jwks: string;
  readonly text: string;
}

const HEALTH = "health";
const KEYS = "jwks";
const OUTAGE = "outage";
const TICK = "tick";
const SKEW = "skew";
const LEDGERS = "ledgers";
const DRAINED = "drained/";
/** The least that KV takes. */
const CACHE_SECONDS = 30;
const PATIENCE_MILLIS = 1_500;

/** KV answers in time, or counts as away: what waits for it goes on by what it knows. */
async function inTime<T>(asked: Promise<T>): Promise<T> {
  const late = scheduler.wait(PATIENCE_MILLIS).then(() => {
    throw new Error(`no answer in ${PATIENCE_MILLIS} ms`);
  });
  return await Promise.race([asked, late]);
}

/** The shared state in Workers KV. A key for each origin that is drained, since KV cannot change one value twice at a time. */
export class Store {
  readonly #kv: KVNamespace;
  readonly #origins: readonly string[];

  constructor(kv: KVNamespace, origins: readonly string[]) {
    this.#kv = kv;
    this.#origins = origins;
  }

  async read(): Promise<SharedState> {
    const keys = [HEALTH, SKEW, LEDGERS, ...this.#origins.map((name) => DRAINED + name)];
    const asked = this.#kv.get<unknown>(keys, { type: "json", cacheTtl: CACHE_SECONDS });
    const found = await inTime(asked);
    const drained: Record<string, boolean> = {};
    for (const name of this.#origins) {
      const value = found.get(DRAINED + name);
      if (typeof value === "boolean") {
        drained[name] = value;
      }
    }
    const skew = found.get(SKEW);
    const skewMillis = typeof skew === "number" ? skew : null;
    const ledgers = (found.get(LEDGERS) ?? {}) as Record<string, boolean>;
    const health = (found.get(HEALTH) ?? {}) as Record<string, Recorded>;
    return { health, drained, skewMillis, ledgers };
  }

  async writeHealth(health: Readonly<Record<string, Recorded>>): Promise<void> {
    await this.#kv.put(HEALTH, JSON.stringify(health));
  }

  async writeSkew(millis: number): Promise<void> {
    await this.#kv.put(SKEW, JSON.stringify(millis));
  }

  async writeLedgers(ledgers: Readonly<Record<string, boolean>>): Promise<void> {
    await this.#kv.put(LEDGERS, JSON.stringify(ledgers));
  }

  /** The last run of the cron trigger that was written down; null: none has been. */
  async readTick(): Promise<Tick | null> {
    const asked = this.#kv.get<Partial<Tick>>(TICK, { type: "json", cacheTtl: CACHE_SECONDS });
    const kept = await inTime(asked);
    const { at, release } = kept ?? {};
    return typeof at === "number" && typeof release === "string" ? { at, release } : null;
  }

  async writeTick(tick: Tick): Promise<void> {
    await this.#kv.put(TICK, JSON.stringify(tick));
  }

  /** Null: an origin answers, and no webhook was told otherwise. */
  async readOutage(): Promise<Outage | null> {
    return await inTime(this.#kv.get<Outage>(OUTAGE, { type: "json", cacheTtl: CACHE_SECONDS }));
  }

  async writeOutage(outage: Outage): Promise<void> {
    await this.#kv.put(OUTAGE, JSON.stringify(outage));
  }

  async deleteOutage(): Promise<void> {
    await this.#kv.delete(OUTAGE);
  }

  /** The last key set that was had from this address, as text. */
  keysOf(jwks: string): KeyStore {
    return {
      readKeys: async () => {
        const options = { type: "json", cacheTtl: CACHE_SECONDS } as const;
        const kept = await inTime(this.#kv.get<Partial<KeptKeys>>(KEYS, options));
        return kept?.jwks === jwks ? (kept.text ?? null) : null;
      },
      writeKeys: async (text) => {
        await this.#kv.put(KEYS, JSON.stringify({ jwks, text } satisfies KeptKeys));
      },
    };
  }

  async writeDrained(origin: string, drained: boolean): Promise<void> {
    await this.#kv.put(DRAINED + origin, JSON.stringify(drained));
  }
}
