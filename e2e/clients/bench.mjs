// Saves memories one after another until its input ends, and prints a line of JSON for each. Usage: bench.mjs typescript|typescript-1 URL TITLE plain|again
import { readFileSync } from 'node:fs';
import * as modern from '@modelcontextprotocol/client';
import * as legacy from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as LegacyTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { fetchAgain } from '../../examples/clients/again.ts';

const [library, url, title, mode] = process.argv.slice(2);
const about = { name: 'mcpist-bench', version: '1.0.0' };
const options = mode === 'again' ? { fetch: fetchAgain } : {};
const say = (line) => console.log(JSON.stringify(line));
const pinned = JSON.parse(readFileSync(new URL('package.json', import.meta.url))).dependencies;
const name = `@modelcontextprotocol/${library === 'typescript' ? 'client' : 'sdk'}`;
say({ library: `${name} ${pinned[name]}` });

let over = false;
process.stdin.on('end', () => (over = true)).resume();
for (let number = 0; !over; ) {
  const [client, Transport] =
    library === 'typescript'
      ? [
          new modern.Client(about, { versionNegotiation: { mode: 'auto' } }),
          modern.StreamableHTTPClientTransport,
        ]
      : [new legacy.Client(about), LegacyTransport];
  try {
    await client.connect(new Transport(new URL(url), options));
  } catch (error) {
    console.error(error);
    await new Promise((resolve) => setTimeout(resolve, 500));
    continue;
  }
  if (number) say({ reconnected: true });
  for (let alive = 2; alive && !over; ) {
    const n = ++number;
    const call = {
      name: 'memory_save',
      arguments: { title: `${title} ${n}`, text: 'Saved while something breaks' },
    };
    try {
      const saved = await client.callTool(call);
      if (saved.isError) throw new Error(JSON.stringify(saved));
      say({ n, id: saved.structuredContent.id });
      alive = 2;
    } catch (error) {
      say({ n, error: String(error) });
      alive = /could not be reached|outcome is unknown|first sending/.test(error) ? 2 : alive - 1;
    }
  }
}
process.exit();
