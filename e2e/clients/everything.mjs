// Calls each tool of a server as its direct client and as one of an origin that mounts it, and prints one line of JSON: what was called, and what
// was different. Usage: everything.mjs URL NAME COMMAND...
import { isDeepStrictEqual } from 'node:util';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';

const [url, name, command, ...args] = process.argv.slice(2);

const ARGUMENTS = {
  echo: { message: 'hello ü' },
  'get-annotated-message': { messageType: 'error', includeImage: true },
  'get-resource-links': { count: 3 },
  'get-resource-reference': { resourceType: 'Blob', resourceId: 2 },
  'get-structured-content': { location: 'Chicago' },
  'get-sum': { a: 1.5, b: 40 },
  'gzip-file-as-resource': { name: 'a.gz', data: 'data:text/plain,abc', outputType: 'resource' },
  'trigger-long-running-operation': { duration: 0.2, steps: 2 },
  'trigger-sampling-request': { prompt: 'Hello', maxTokens: 10 },
  'trigger-url-elicitation': { url: 'https://example.com', elicitationId: 'one' },
};
/** Tells the environment of its process. */
const OWN = ['get-env'];
/** Ask the client: in another way before 2026-07-28. */
const ASKING = ['get-roots-list', 'trigger-elicitation-request', 'trigger-sampling-request', 'trigger-url-elicitation'];

async function connected(transport, mode = 'auto') {
  const client = new Client(
    { name: 'mcpist-everything', version: '1.0.0' },
    {
      versionNegotiation: { mode },
      capabilities: { elicitation: { form: {}, url: {} }, sampling: {}, roots: {} },
    },
  );
  client.setRequestHandler('elicitation/create', async (request) =>
    request.params.mode === 'url'
      ? { action: 'accept' }
      : { action: 'accept', content: { name: 'Ada', check: true } },
  );
  client.setRequestHandler('sampling/createMessage', async () => ({
    model: 'none',
    role: 'assistant',
    content: { type: 'text', text: 'From a model' },
  }));
  client.setRequestHandler('roots/list', async () => ({ roots: [] }));
  await client.connect(transport);
  return client;
}

/** Without what each revision and server adds, and times. */
function told(result) {
  const { resultType, ttlMs, cacheScope, _meta, ...rest } = result;
  const { 'io.modelcontextprotocol/serverInfo': server, ...meta } = _meta ?? {};
  const all = Object.keys(meta).length ? { ...rest, _meta: meta } : rest;
  // A base64 text has the time, too, where it is of a text that has it.
  return JSON.parse(JSON.stringify(all).replace(/\d{1,2}:\d{2}:\d{2}( [AP]M)?/g, 'TIME'), (key, value) =>
    key === 'blob' ? Buffer.from(value, 'base64').toString('latin1').replace(/\d{1,2}:\d{2}:\d{2}/g, 'TIME') : value,
  );
}

async function outcome(client, tool) {
  try {
    return told(await client.callTool({ name: tool, arguments: ARGUMENTS[tool.replace(`${name}_`, '')] ?? {} }));
  } catch (error) {
    return { code: error.code, message: error.message };
  }
}

const direct = await connected(new StdioClientTransport({ command, args, env: process.env, stderr: 'ignore' }));
const mounted = await connected(new StreamableHTTPClientTransport(new URL(url)));
const older = await connected(new StreamableHTTPClientTransport(new URL(url)), 'legacy');
const theirs = (await direct.listTools()).tools;
const ours = new Map((await mounted.listTools()).tools.map((tool) => [tool.name, tool]));
const different = {};
const called = [];
// First, since some tools change them.
const lists = [
  ['prompts', async (client) => (await client.listPrompts()).prompts.map((p) => ({ ...p, name: p.name.replace(`${name}_`, '') }))],
  ['resources', async (client) => (await client.listResources()).resources],
  ['templates', async (client) => (await client.listResourceTemplates()).resourceTemplates],
  ['resource', async (client) => told(await client.readResource({ uri: 'demo://resource/dynamic/text/1' }))],
];
for (const [list, read] of lists) {
  const [expected, given] = [await read(direct), await read(mounted)];
  if (!isDeepStrictEqual(given, expected)) {
    different[list] = { direct: expected, mounted: given };
  }
}
for (const { execution, ...tool } of theirs) {
  const offered = `${name}_${tool.name}`;
  const listed = ours.get(offered); // In 2026-07-28 without execution.
  if (!isDeepStrictEqual({ ...listed, name: tool.name }, tool)) {
    different[`definition of ${tool.name}`] = { direct: tool, mounted: listed ?? null };
  }
  const expected = await outcome(direct, tool.name);
  const given = await outcome(mounted, offered);
  called.push(tool.name);
  if (!OWN.includes(tool.name) && !isDeepStrictEqual(given, expected)) {
    different[tool.name] = { direct: expected, mounted: given };
  }
  const before = ASKING.includes(tool.name) ? await outcome(older, offered) : expected;
  if (!isDeepStrictEqual(before, expected)) {
    different[`${tool.name} by an older client`] = { direct: expected, mounted: before };
  }
}
console.log(JSON.stringify({ called, different }));
await Promise.all([direct.close(), mounted.close(), older.close()]);
