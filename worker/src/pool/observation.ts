/** Something that was seen of one origin, or asked for by an operator. */
export type Observation =
  /** GET /health gave the expected code and body, or not. */
  | { readonly kind: "probeUp"; readonly origin: string }
  | { readonly kind: "probeDown"; readonly origin: string; readonly reason: string }
  /** A call's attempt got a whole answer; or was refused, reset, silent, or answered with a 5xx. */
  | { readonly kind: "attemptSucceeded"; readonly origin: string }
  | { readonly kind: "attemptFailed"; readonly origin: string; readonly reason: string }
  /** Its heartbeat stopped or has no database, is well again, or its connection ended. */
  | { readonly kind: "heartbeatSilent"; readonly origin: string; readonly reason: string }
  | { readonly kind: "heartbeatResumed"; readonly origin: string }
  | { readonly kind: "heartbeatEnded"; readonly origin: string }
  /** Another process, which does not stop and whose database answers, has taken its place. */
  | { readonly kind: "replaced"; readonly origin: string }
  /** The origin says that it is stopping, and no other process is there in its place. */
  | { readonly kind: "draining"; readonly origin: string }
  /** An operator takes the origin out, or back in. */
  | { readonly kind: "drain"; readonly origin: string }
  | { readonly kind: "undrain"; readonly origin: string };

/** What is said of it in a log line. */
export function reasonOf(seen: Observation): string {
  switch (seen.kind) {
    case "probeDown":
    case "attemptFailed":
    case "heartbeatSilent":
      return seen.reason;
    case "probeUp":
      return "probes succeed";
    case "attemptSucceeded":
      return "a call succeeded";
    case "heartbeatResumed":
      return "heartbeat resumed";
    case "heartbeatEnded":
      return "heartbeat connection ended";
    case "replaced":
      return "another process has taken its place";
    case "draining":
      return "it says it is stopping";
    case "drain":
      return "drained";
    case "undrain":
      return "undrained";
  }
}
