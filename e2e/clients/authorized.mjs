// Finds out by the challenge whom the server trusts, then saves a memory and finds it again with the token in TOKEN. Usage:
// authorized.mjs URL TITLE
import {
  Client,
  discoverOAuthProtectedResourceMetadata,
  extractWWWAuthenticateParams,
  StreamableHTTPClientTransport,
} from '@modelcontextprotocol/client';
import { saveAndFind } from './save-and-find.mjs';

const [url, title] = process.argv.slice(2);
const refused = await fetch(url, { method: 'POST', body: '{}' });
const { resourceMetadataUrl } = extractWWWAuthenticateParams(refused);
const metadata = await discoverOAuthProtectedResourceMetadata(url, { resourceMetadataUrl });
console.error(JSON.stringify({ status: refused.status, metadata }));

const client = new Client(
  { name: 'mcpist-authorized', version: '1.0.0' },
  { versionNegotiation: { mode: 'auto' } },
);
const headers = { Authorization: `Bearer ${process.env.TOKEN}` };
await saveAndFind(
  client,
  new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers } }),
  title,
);
