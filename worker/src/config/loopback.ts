const NAMES = ["localhost", "127.0.0.1", "[::1]"];

/** Whether it is this machine by a name that is the same however names are resolved. */
export function isLoopback(host: string): boolean {
  return NAMES.includes(host.toLowerCase());
}
