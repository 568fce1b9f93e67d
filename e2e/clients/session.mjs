// Calls in one session until a file is there, and prints how the calls ended; ANSWERED grows by a byte with each that is
// answered. Usage: session.mjs URL FILE ANSWERED
import { appendFileSync, existsSync } from 'node:fs';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';

const [url, file, answered] = process.argv.slice(2);
const told = { initialized: 0, answered: 0, unknown: 0, failed: [] };
const counted = (input, init) => {
  told.initialized += /"method":"initialize"/.test(init?.body ?? '') ? 1 : 0;
  return fetch(input, init);
};
const client = new Client({ name: 'mcpist-session', version: '1.0.0' });
client.onerror = () => {}; // Of the stream that listens: it is opened again.
await client.connect(new StreamableHTTPClientTransport(new URL(url), { fetch: counted }));
for (let i = 0; !existsSync(file); i++) {
  try {
    const { content } = await client.callTool({ name: 'echo', arguments: { message: `${i}` } });
    if (!content[0].text.includes(`${i}`)) {
      throw new Error(`another answer: ${content[0].text}`);
    }
    await client.listResources();
    told.answered++;
    appendFileSync(answered, '.');
  } catch (error) {
    if (error.data?.code === 'outcome_unknown') {
      told.unknown++;
    } else {
      told.failed.push(String(error));
    }
  }
  await new Promise((resolve) => setTimeout(resolve, 20));
}
console.log(JSON.stringify(told));
process.exit(0);
