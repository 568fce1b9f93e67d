// Lists the tools, and saves a memory under each title that it reads, with the fetch of examples/clients/again.ts, and prints its id. Usage: again.mjs modern|legacy URL
import * as modern from '@modelcontextprotocol/client';
import * as legacy from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as LegacyTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { fetchAgain } from '../../examples/clients/again.ts';
import { save } from './save.mjs';

const [era, url] = process.argv.slice(2);
const about = { name: 'mcpist-again', version: '1.0.0' };
let tokens;
// What gets a token after a 401; the library then sends the request again.
const signIn = {
  modern: {
    token: async () => tokens?.access_token,
    onUnauthorized: async () => {
      tokens = { access_token: 'signed-in' };
    },
  },
  legacy: {
    redirectUrl: undefined,
    clientMetadata: { redirect_uris: [] },
    clientInformation: () => ({ client_id: 'again' }),
    prepareTokenRequest: () => new URLSearchParams({ grant_type: 'client_credentials' }),
    tokens: () => tokens,
    saveTokens: (saved) => {
      tokens = saved;
    },
  },
};
const [client, Transport] =
  era === 'modern'
    ? [
        new modern.Client(about, { versionNegotiation: { mode: 'auto' } }),
        modern.StreamableHTTPClientTransport,
      ]
    : [new legacy.Client(about), LegacyTransport];
await client.connect(new Transport(new URL(url), { fetch: fetchAgain, authProvider: signIn[era] }));
await client.listTools();
await save(client);
