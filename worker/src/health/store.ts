/** What the cron trigger has last found of an origin; an origin of which nothing is recorded is well. */
export interface Recorded {
  readonly up: boolean;
  /** When that changed, in milliseconds. */
  readonly at: number;
  readonly reason: string;
}

/** What is shared by all isolates. */
export interface SharedState {
  readonly health: Readonly<Record<string, Recorded>>;
  /** By origin, whether an operator has it out; absent: nobody has said. */
  readonly drained: Readonly<Record<string, boolean>>;
}

const HEALTH = "health";
const KEYS = "jwks";
const DRAINED = "drained/";
/** The least that KV takes. */
const CACHE_SECONDS = 30;

/** The shared state in Workers KV. A key for each origin that is drained, since KV cannot change one value twice at a time. */
export class Store {
  readonly #kv: KVNamespace;
  readonly #origins: readonly string[];

  constructor(kv: KVNamespace, origins: readonly string[]) {
    this.#kv = kv;
    this.#origins = origins;
  }

  async read(): Promise<SharedState> {
    const keys = [HEALTH, ...this.#origins.map((name) => DRAINED + name)];
    const found = await this.#kv.get<unknown>(keys, { type: "json", cacheTtl: CACHE_SECONDS });
    const drained: Record<string, boolean> = {};
    for (const name of this.#origins) {
      const value = found.get(DRAINED + name);
      if (typeof value === "boolean") {
        drained[name] = value;
      }
    }
    return { health: recorded(found.get(HEALTH)), drained };
  }

  async writeHealth(health: Readonly<Record<string, Recorded>>): Promise<void> {
    await this.#kv.put(HEALTH, JSON.stringify(health));
  }

  /** The issuer's keys as they were last had, a JSON Web Key Set; null: never. */
  async readKeys(): Promise<string | null> {
    return await this.#kv.get(KEYS, { type: "text", cacheTtl: CACHE_SECONDS });
  }

  async writeKeys(text: string): Promise<void> {
    await this.#kv.put(KEYS, text);
  }

  async writeDrained(origin: string, drained: boolean): Promise<void> {
    await this.#kv.put(DRAINED + origin, JSON.stringify(drained));
  }
}

function recorded(value: unknown): Record<string, Recorded> {
  const health: Record<string, Recorded> = {};
  for (const [name, entry] of Object.entries(value ?? {})) {
    const { up, at, reason } = (entry ?? {}) as Partial<Recorded>;
    if (typeof up === "boolean" && typeof at === "number" && typeof reason === "string") {
      health[name] = { up, at, reason };
    }
  }
  return health;
}
