import type { Config } from "../config/config";
import type { Caller } from "../gate/auth/caller";
import { HEALTH_PATH, type Route } from "../gate/route";
import type { Prober } from "../monitor/monitor";
import type { Attempt } from "./attempt";
import type { Lease } from "./budget";

/** One client's request, whole, and what it takes to answer it. */
export interface Taken {
  readonly request: Request;
  readonly route: Route;
  readonly path: string;
  readonly query: string;
  readonly body: Uint8Array;
  readonly caller: Caller;
  /** Holds the body, and what is held of answers. */
  readonly lease: Lease;
  readonly gatewaySecret: string;
  readonly ctx: ExecutionContext;
  readonly prober: Prober;
}

/**
 * Where an attempt goes. The load balancer knows the first origin and the order; what an isolate has found out for itself it may
 * not know yet.
 */
export function urlOf(taken: Taken, config: Config, attempt: Attempt): string {
  const { origins, forwarding } = config;
  const origin = origins.find((o) => o.name === attempt.origin);
  const target = taken.route === "health" ? HEALTH_PATH : (origin?.mcpPath ?? "") + taken.query;
  const direct = origin?.url ?? "";
  const balanced = attempt.number === 1 && attempt.origin === origins[0]?.name;
  return (balanced ? (forwarding.loadBalancer ?? direct) : direct) + target;
}
