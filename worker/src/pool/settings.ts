/** How quickly the pool believes what it sees. Times are milliseconds. */
export interface PoolSettings {
  /** Failed probes in a row that make an origin unhealthy. */
  readonly consecutiveDown: number;
  /** Successful probes in a row that make an origin healthy. */
  readonly consecutiveUp: number;
  /** Between the probes of an origin that is well. */
  readonly interval: number;
  /** To the first probe of a suspect; doubles with each failed one. */
  readonly probeDelay: number;
  /** The longest time between the probes of an origin that is not well. */
  readonly probeDelayMax: number;
  /** How long an origin must be well after its first failure; doubles with each failure. */
  readonly holdDown: number;
  readonly holdDownMax: number;
  /** Without a failure, after which the hold-down is the base again. */
  readonly failureWindow: number;
}

export const POOL_DEFAULTS: PoolSettings = {
  consecutiveDown: 2,
  consecutiveUp: 3,
  interval: 30_000,
  probeDelay: 50,
  probeDelayMax: 500,
  holdDown: 3_000,
  holdDownMax: 60_000,
  failureWindow: 300_000,
};

/** The hold-down after so many failures within the window; the base for none. */
export function holdDownAfter(settings: PoolSettings, failures: number): number {
  let duration = settings.holdDown;
  for (let i = 1; i < failures && duration < settings.holdDownMax; i++) {
    duration *= 2;
  }
  return Math.min(duration, settings.holdDownMax);
}

export function nextProbeDelay(settings: PoolSettings, last: number): number {
  return Math.min(last * 2, settings.probeDelayMax);
}
