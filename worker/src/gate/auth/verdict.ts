import type { Caller } from "./caller";

/** Why an Authorization is nobody's who may call. */
export type Reason =
  | "unauthenticated"
  | "malformed"
  | "invalid"
  | "expired"
  | "wrongAudience"
  | "insufficientScope"
  | "unavailable";

/** What the Authorization of a request is found to be. */
export type Verdict =
  | { readonly kind: "admitted"; readonly caller: Caller }
  | { readonly kind: "refused"; readonly reason: Reason };

export function admitted(caller: Caller): Verdict {
  return { kind: "admitted", caller };
}

export function refused(reason: Reason): Verdict {
  return { kind: "refused", reason };
}
