// A page in a browser may send requests to any address that its own name resolves to, so only the name tells that a request is
// not meant for this edge (DNS rebinding).

const HOST = /^(\[[0-9A-Fa-f:.]+]|[A-Za-z0-9._-]+)(:[0-9]{0,5})?$/;
const SITE = /^[A-Za-z][A-Za-z0-9+.-]*:\/\/([^/?#@]*)$/;

/** Whether a request with this Host header is meant for the edge; any is where no names are given. */
export function namesEdge(allowed: ReadonlySet<string>, host: string): boolean {
  return allowed.size === 0 || allowed.has(name(host) ?? "");
}

/**
 * Whether a page with this Origin header may ask the edge under this Host header. Where any name is taken, only the pages of that
 * very name may.
 */
export function mayAsk(allowed: ReadonlySet<string>, origin: string, host: string): boolean {
  const page = site(origin);
  if (page === null) {
    return false;
  }
  return allowed.size === 0 ? page === name(host) : allowed.has(page);
}

function name(host: string): string | null {
  return HOST.exec(host)?.[1]?.toLowerCase() ?? null;
}

function site(origin: string): string | null {
  return name(SITE.exec(origin)?.[1] ?? "");
}
