// A fetch that sends each JSON-RPC request again until it is answered, for 5 minutes, and each tools/call under a key.
// It is for a server that keeps Idempotency-Keys, as MCPist does: another server runs a call once for each sending.

interface Message {
  jsonrpc?: string;
  id?: unknown;
  method?: string;
  result?: unknown;
  error?: { data?: { code?: string; effect?: string; idempotencyKey?: string } };
}

const LIMIT_MILLIS = 300_000;
/** The limit of one sending with its whole answer. A broken connection may stay silent for ever. */
const SENDING_LIMIT_MILLIS = 120_000;
const MOST_REFUSED = 100;
/** The codes of errors that pass after a moment: docs/idempotency.md. */
const PASSING = ['origin_unavailable', 'outcome_unknown', 'rate_limited', 'overloaded', 'auth_unavailable'];

/** The keys of calls that were refused with 401 or 403, and until when; the oldest first. */
const refused = new Map<string, { key: string; until: number }>();

export async function fetchAgain(url: string | URL, init: RequestInit = {}): Promise<Response> {
  const sent = init.method === 'POST' && typeof init.body === 'string' ? messages(init.body) : [];
  // What an answer to subscriptions/listen has, lasts.
  if (sent.length === 0 || sent.some(({ method }) => method === 'subscriptions/listen')) return fetch(url, init);
  const headers = new Headers(init.headers);
  const call = JSON.stringify([url, headers.get('Mcp-Session-Id'), init.body]);
  const makesKey = sent.some(({ method }) => method === 'tools/call') && !headers.has('Idempotency-Key');
  const key = makesKey ? (takeRefused(call) ?? crypto.randomUUID()) : undefined;
  if (key) headers.set('Idempotency-Key', key);
  const requests = sent.filter(({ id, method }) => id !== undefined && method !== undefined);
  const end = Date.now() + LIMIT_MILLIS;
  for (let pause = 20; ; pause = Math.min(2 * pause, 1000)) {
    let wait = 0;
    try {
      const limit = AbortSignal.timeout(SENDING_LIMIT_MILLIS);
      const signal = init.signal ? AbortSignal.any([init.signal, limit]) : limit;
      const response = await fetch(url, { ...init, headers, signal });
      // A stream too is read whole: one that breaks is no answer.
      const body = await response.text();
      const isNull = [204, 205, 304].includes(response.status);
      wait = 1000 * (Number(response.headers.get('Retry-After')) || 0);
      if ((!wait && isFinal(requests, response, body)) || Date.now() + wait > end) {
        if (key && [401, 403].includes(response.status)) keepRefused(call, key);
        return new Response(isNull ? null : body, response);
      }
    } catch (error) {
      if (init.signal?.aborted || Date.now() > end) throw error;
    }
    await sleep(Math.max(wait, pause), init.signal);
  }
}

/** The key under which this call was refused: a library that has signed in sends the call again. */
function takeRefused(call: string): string | undefined {
  const { key, until } = refused.get(call) ?? { key: undefined, until: 0 };
  refused.delete(call);
  return Date.now() < until ? key : undefined;
}

function keepRefused(call: string, key: string): void {
  refused.set(call, { key, until: Date.now() + LIMIT_MILLIS });
  for (const [other, { until }] of refused)
    if (refused.size > MOST_REFUSED || until < Date.now()) refused.delete(other);
}

/** Waits; an abort ends it with an error. */
function sleep(millis: number, signal?: AbortSignal | null): Promise<void> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const abort = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', abort);
      resolve();
    }, millis);
    signal?.addEventListener('abort', abort);
  });
}

/** Whether a response is an answer to all of these requests. */
function isFinal(requests: Message[], { status, headers }: Response, body: string): boolean {
  if (status === 429 || status >= 500) return false;
  const events = headers.get('Content-Type')?.startsWith('text/event-stream') ?? false;
  const answers = messages(body, events).filter(({ result, error }) => result !== undefined || error !== undefined);
  return status >= 300 || requests.every((request) => isAnswered(request, answers));
}

/** Whether one of them ends the request; an error without an id is about all that was sent. */
function isAnswered(request: Message, answers: Message[]): boolean {
  return answers.some(({ id, error }) => (id ?? request.id) === request.id && !mayBeSentAgain(request, error));
}

/** Whether an error is for a moment, and a further sending is safe: it is for all that only reads, and under a key that is kept. */
function mayBeSentAgain({ method }: Message, error: Message['error']): boolean {
  const { code = '', effect, idempotencyKey } = error?.data ?? {};
  return PASSING.includes(code) && (method !== 'tools/call' || idempotencyKey !== undefined || effect === 'none');
}

/** The JSON-RPC messages of a body; none where it is something else. An event without its blank line was cut off. */
function messages(text: string, events = false): Message[] {
  if (events) {
    const parts = text.replaceAll(/\r\n?/g, '\n').split('\n\n').slice(0, -1);
    return parts.flatMap((part) => messages([...part.matchAll(/^data: ?(.*)$/gm)].map(([, line]) => line).join('\n')));
  }
  try {
    const found: Message[] = [JSON.parse(text)].flat();
    return found.filter((message) => message?.jsonrpc === '2.0');
  } catch {
    return [];
  }
}
