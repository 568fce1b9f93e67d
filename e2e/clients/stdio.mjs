// Saves a memory under each title that it reads, through a stdio server, and prints its id. Usage: stdio.mjs modern|legacy COMMAND...
import * as modern from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import * as legacy from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport as LegacyTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { save } from './save.mjs';

const [era, command, ...args] = process.argv.slice(2);
const about = { name: 'mcpist-stdio', version: '1.0.0' };
const [client, Transport] =
  era === 'modern'
    ? [new modern.Client(about, { versionNegotiation: { mode: 'auto' } }), StdioClientTransport]
    : [new legacy.Client(about), LegacyTransport];
await client.connect(new Transport({ command, args, env: process.env }));
await save(client);
