/** EDGE_CONFIG or a secret is missing or malformed; the message names it and never quotes a value. */
export class ConfigError extends Error {
  static field(name: string, problem: string): ConfigError {
    return new ConfigError(`EDGE_CONFIG: ${name} ${problem}`);
  }
}

export type Json = Record<string, unknown>;

/** Reads the fields of one JSON object of EDGE_CONFIG, with what counts for one that is absent. */
export class Fields {
  readonly #json: Json;
  readonly #prefix: string;

  /**
   * @param prefix of the names in errors, as `monitor.`
   * @param known the names that there are
   * @throws ConfigError when it is no object, or has another field
   */
  constructor(json: unknown, prefix: string, known: readonly string[]) {
    if (typeof json !== "object" || json === null || Array.isArray(json)) {
      throw new ConfigError(
        prefix === ""
          ? "EDGE_CONFIG: must be a JSON object"
          : `EDGE_CONFIG: ${prefix.replace(/\.$/, "")} must be an object`,
      );
    }
    this.#json = json as Json;
    this.#prefix = prefix;
    for (const name of Object.keys(json)) {
      if (!known.includes(name)) {
        throw ConfigError.field(prefix + name, "is an unknown field");
      }
    }
  }

  raw(name: string): unknown {
    return this.#json[name] ?? null;
  }

  text(name: string, absent: string): string {
    const value = this.raw(name) ?? absent;
    if (typeof value !== "string") {
      throw this.wrong(name, "must be a string");
    }
    return value;
  }

  flag(name: string): boolean {
    const value = this.raw(name) ?? false;
    if (typeof value !== "boolean") {
      throw this.wrong(name, "must be true or false");
    }
    return value;
  }

  integer(name: string, absent: number, min: number, max: number): number {
    const value = this.raw(name) ?? absent;
    if (typeof value !== "number" || !Number.isInteger(value) || value < min || value > max) {
      throw this.wrong(name, `must be from ${min} to ${max}`);
    }
    return value;
  }

  /** Seconds as they are written, whole milliseconds as they are used, so that half a second can be said. */
  seconds(name: string, absentMillis: number, min: number, max: number): number {
    const value = this.raw(name) ?? absentMillis / 1000;
    if (typeof value !== "number" || Number.isNaN(value) || value < min || value > max) {
      throw this.wrong(name, `must be from ${min} to ${max} seconds`);
    }
    return Math.round(value * 1000);
  }

  wrong(name: string, problem: string): ConfigError {
    return ConfigError.field(this.#prefix + name, problem);
  }
}
