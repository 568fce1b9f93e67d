import { describe, expect, inject, it } from "vitest";
import type { Observation } from "../src/pool/observation";
import { apply, type Change } from "../src/pool/rules";
import { POOL_DEFAULTS } from "../src/pool/settings";
import { choose, inOrder, originOf, type PoolState, starting, status } from "../src/pool/state";

// The vectors of contract/failover, which any edge must pass.

interface Step {
  readonly at: number;
  readonly origin?: string;
  readonly observation?: string;
  readonly expect?: Readonly<Record<string, unknown>>;
}

interface Vector {
  readonly description: string;
  readonly settings?: Readonly<Record<string, number>>;
  readonly origins: readonly string[];
  readonly start?: string;
  readonly steps: readonly Step[];
}

const SETTINGS: Readonly<Record<string, string>> = {
  intervalMillis: "interval",
  probeDelayMillis: "probeDelay",
  probeDelayMaxMillis: "probeDelayMax",
  holdDownMillis: "holdDown",
  holdDownMaxMillis: "holdDownMax",
  failureWindowMillis: "failureWindow",
  consecutiveDown: "consecutiveDown",
  consecutiveUp: "consecutiveUp",
};

const REASONED = ["probeDown", "attemptFailed", "heartbeatSilent"];
const OTHERS = [
  "probeUp",
  "attemptSucceeded",
  "heartbeatResumed",
  "heartbeatEnded",
  "replaced",
  "draining",
  "drain",
  "undrain",
];

const vectors = Object.entries(inject("failover") as Record<string, Vector>);

describe("contract/failover", () => {
  it("has vectors", () => {
    expect(vectors.length).toBeGreaterThan(15);
  });

  it.each(vectors)("%s", (_name, vector) => {
    let state = start(vector);
    vector.steps.forEach((step, i) => {
      const before = state;
      const transition =
        step.observation === undefined
          ? { state: before, changes: [] }
          : apply(before, observation(step), step.at);
      state = transition.state;
      for (const [field, wanted] of Object.entries(step.expect ?? {})) {
        const told = `step ${i + 1} ${JSON.stringify(step)}: ${field}`;
        expect(actual(field, state, transition.changes, wanted), told).toEqual(wanted);
      }
    });
  });
});

function start(vector: Vector): PoolState {
  const given = Object.entries(vector.settings ?? {}).map(([name, value]) => {
    const setting = SETTINGS[name];
    if (setting === undefined) {
      throw new Error(`Unknown setting ${name}`);
    }
    return [setting, value];
  });
  const settings = { ...POOL_DEFAULTS, ...Object.fromEntries(given) };
  let state = starting(vector.origins, settings, 0);
  if (vector.start !== "healthy") {
    return state;
  }
  for (const origin of vector.origins) {
    for (let i = 0; i < settings.consecutiveUp; i++) {
      state = apply(state, { kind: "probeUp", origin }, state.at).state;
    }
  }
  return state;
}

function observation(step: Step): Observation {
  const kind = step.observation ?? "";
  if (!REASONED.includes(kind) && !OTHERS.includes(kind)) {
    throw new Error(`Unknown observation ${kind}`);
  }
  const reason = REASONED.includes(kind) ? { reason: "it was seen" } : {};
  return { kind, origin: step.origin, ...reason } as Observation;
}

/** What an expectation speaks of, in its form. */
function actual(
  field: string,
  state: PoolState,
  changes: readonly Change[],
  wanted: unknown,
): unknown {
  const names = Object.keys((wanted ?? {}) as object);
  switch (field) {
    case "states":
      return Object.fromEntries(names.map((name) => [name, status(originOf(state, name))]));
    case "active":
      return state.active;
    case "choices":
      return (wanted as { tried: string[] }[]).map(({ tried }) => ({
        tried,
        origin: choose(state, new Set(tried)),
      }));
    case "inOrder":
      return inOrder(state);
    case "nextProbes":
      return Object.fromEntries(names.map((name) => [name, originOf(state, name).nextProbe]));
    case "givenUp":
      return changes.filter((c) => c.kind === "givenUp").map((c) => c.origin);
    default:
      throw new Error(`Unknown field ${field}`);
  }
}
