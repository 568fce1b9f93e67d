import type { Edge } from "../edge";
import { type Status, status } from "../pool/state";

/** What an isolate knows of an origin. */
export interface Known {
  readonly state: Status;
  readonly active: boolean;
  readonly release: string | null;
  readonly lastFailure: { readonly at: string; readonly reason: string } | null;
}

/** @param clock an instant of the isolate's by the clock of who asks */
export function stateOf(edge: Edge, name: string, clock: (instant: number) => number): Known {
  const state = edge.pool.origin(name);
  const last = state.lastFailure;
  return {
    state: status(state),
    active: edge.pool.state.active === name,
    release: edge.monitor.release(name),
    lastFailure:
      last === null ? null : { at: new Date(clock(last.at)).toISOString(), reason: last.reason },
  };
}

/** What only the edge knows, as an origin shows it. */
export function knownTo(edge: Edge) {
  const byDatabase = (instant: number) => edge.monitor.byDatabase(instant);
  const iso = (instant: number) => new Date(byDatabase(instant)).toISOString();
  const { activeSince } = edge.pool;
  return {
    kind: "worker",
    at: iso(Date.now()),
    activeSince: activeSince === null ? null : iso(activeSince),
    origins: edge.config.origins.map(({ name }) => ({
      name,
      ...stateOf(edge, name, byDatabase),
      ...edge.traffic.at(name),
    })),
    calls: edge.traffic.calls,
  };
}
