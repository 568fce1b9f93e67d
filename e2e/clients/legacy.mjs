// Saves a memory and finds it again, as a client that knows no revision after 2025-11-25. Usage: legacy.mjs URL TITLE
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { saveAndFind } from './save-and-find.mjs';

const [url, title] = process.argv.slice(2);
const client = new Client({ name: 'mcpist-legacy', version: '1.0.0' });
await saveAndFind(client, new StreamableHTTPClientTransport(new URL(url)), title);
