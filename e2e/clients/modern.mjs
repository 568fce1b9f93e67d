// Saves a memory and finds it again, as a client of MCP 2026-07-28. Usage: modern.mjs URL TITLE
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { saveAndFind } from './save-and-find.mjs';

const [url, title] = process.argv.slice(2);
const client = new Client(
  { name: 'mcpist-modern', version: '1.0.0' },
  { versionNegotiation: { mode: 'auto' } },
);
await saveAndFind(client, new StreamableHTTPClientTransport(new URL(url)), title);
