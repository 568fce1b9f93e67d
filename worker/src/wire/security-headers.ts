/** What the edge's own answers, which are JSON, say to a browser that shows them: nothing is guessed, run, framed or kept. */
export function ownHeaders(more: Readonly<Record<string, string>> = {}): Headers {
  return new Headers({
    "Content-Type": "application/json",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
    ...more,
  });
}
