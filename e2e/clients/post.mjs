// Posts what it reads with the fetch of examples/clients/again.ts: a line is a session's id and a body, and the status is printed. A
// line that comes meanwhile cancels the request, and "cancelled" is printed. Usage: post.mjs URL
import { createInterface } from 'node:readline';
import { fetchAgain } from '../../examples/clients/again.ts';

const [url] = process.argv.slice(2);
let running;

async function post(line, signal) {
  const [session, body] = [line.slice(0, line.indexOf(' ')), line.slice(line.indexOf(' ') + 1)];
  const headers = { 'Mcp-Session-Id': session, 'Content-Type': 'application/json' };
  try {
    const response = await fetchAgain(url, { method: 'POST', headers, body, signal });
    await response.text();
    running = undefined;
    console.log(response.status);
  } catch (error) {
    if (!signal.aborted) throw error;
    running = undefined;
    console.log('cancelled');
  }
}

createInterface({ input: process.stdin }).on('line', (line) => {
  if (running) {
    running.abort();
  } else {
    running = new AbortController();
    post(line, running.signal);
  }
});
