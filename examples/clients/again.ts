/** A fetch that sends each tools/call under a key until it is answered, for 5 minutes. */
export async function fetchAgain(url: string | URL, init: RequestInit = {}): Promise<Response> {
  if (!String(init.body).includes('"tools/call"')) return fetch(url, init);
  const headers = new Headers(init.headers);
  if (!headers.has('Idempotency-Key')) headers.set('Idempotency-Key', crypto.randomUUID());
  const end = Date.now() + 300_000;
  for (let pause = 20; ; pause = Math.min(2 * pause, 1000)) {
    let wait = 0;
    try {
      const response = await fetch(url, { ...init, headers });
      // A stream too is read whole: one that breaks is no answer.
      const answer = new Response(await response.arrayBuffer(), response);
      wait = 1000 * Number(response.headers.get('Retry-After'));
      if ((!wait && response.status < 500) || Date.now() + wait > end) return answer;
    } catch (error) {
      if (init.signal?.aborted || Date.now() > end) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, Math.max(wait, pause)));
  }
}
