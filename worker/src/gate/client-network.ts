const GROUPS_OF_A_NETWORK = 4;

/** The client's address as requests are counted by it: of IPv6 the /64, since one line has a whole one to choose from. */
export function clientNetwork(address: string | null): string {
  if (address === null || !address.includes(":") || address.includes(".")) {
    return address ?? "unknown";
  }
  const [head = "", tail] = address.toLowerCase().split("::", 2);
  const groups = head.split(":").filter((group) => group !== "");
  const rest = (tail ?? "").split(":").filter((group) => group !== "");
  const zeros = tail === undefined ? 0 : 8 - groups.length - rest.length;
  return [...groups, ...Array<string>(Math.max(0, zeros)).fill("0"), ...rest]
    .slice(0, GROUPS_OF_A_NETWORK)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(":");
}
