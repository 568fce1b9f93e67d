// Saves memories one after another through Claude Code until its input ends, and prints a line of JSON for each: what stands for the model calls
// memory_save in each turn. Usage: bench-claude.mjs URL TITLE plain|again LAUNCHER
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';

const [url, title, mode, launcher] = process.argv.slice(2);
const TOOL = 'mcp__mcpist__memory_save';
// A conversation grows with each call: a new one begins now and then.
const CALLS = 100;
const say = (line) => console.log(JSON.stringify(line));
const pinned = JSON.parse(readFileSync(new URL('package.json', import.meta.url))).dependencies;
say({ library: `Claude Code ${pinned['@anthropic-ai/claude-code']}` });

let over = false;
process.stdin.on('end', () => (over = true)).resume();
let number = 0;
let told = 0;
let calls = 0;

function tell(messages) {
  // A reminder of Claude Code's own may follow the result.
  const result = messages
    .flatMap((message) => message.content)
    .find((block) => block.tool_use_id === `toolu_${number}`);
  if (!result || told === number) return;
  told = number;
  const text = JSON.stringify(result.content);
  const id = text.match(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/)?.[0];
  say(id && !result.is_error ? { n: number, id } : { n: number, error: text });
}

function next(tools) {
  const can = tools?.some((tool) => tool.name === TOOL);
  if (!can || over || calls === CALLS) return ['end_turn', { type: 'text', text: '' }, 'done'];
  number++;
  calls++;
  const input = { title: `${title} ${number}`, text: 'Saved while something breaks' };
  const block = { type: 'tool_use', id: `toolu_${number}`, name: TOOL, input: {} };
  return ['tool_use', block, JSON.stringify(input)];
}

function stream(response, [stop_reason, content_block, text]) {
  const delta =
    content_block.type === 'text'
      ? { type: 'text_delta', text }
      : { type: 'input_json_delta', partial_json: text };
  const usage = { input_tokens: 1, output_tokens: 1 };
  const message = { id: 'msg_1', type: 'message', role: 'assistant', model: 'none', content: [] };
  response.writeHead(200, { 'Content-Type': 'text/event-stream' });
  for (const event of [
    { type: 'message_start', message: { ...message, stop_reason: null, usage } },
    { type: 'content_block_start', index: 0, content_block },
    { type: 'content_block_delta', index: 0, delta },
    { type: 'content_block_stop', index: 0 },
    { type: 'message_delta', delta: { stop_reason, stop_sequence: null }, usage },
    { type: 'message_stop' },
  ])
    response.write(`event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
  response.end();
}

const model = createServer(async (request, response) => {
  let body = '';
  for await (const chunk of request) body += chunk;
  if (request.method !== 'POST' || !request.url.startsWith('/v1/messages?')) {
    response.writeHead(404).end();
    return;
  }
  const { messages, tools } = JSON.parse(body);
  tell(messages);
  stream(response, next(tools));
});
await once(model.listen(0, '127.0.0.1'), 'listening');

const server =
  mode === 'again'
    ? { type: 'stdio', command: launcher, args: ['connect', url] }
    : { type: 'http', url };
const claude = fileURLToPath(new URL('node_modules/.bin/claude', import.meta.url));
const options = ['--strict-mcp-config', '--mcp-config', JSON.stringify({ mcpServers: { mcpist: server } })];
while (!over) {
  calls = 0;
  const child = spawn(claude, ['--print', 'Save', '--allowedTools', TOOL, ...options], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: {
      ...process.env,
      ANTHROPIC_BASE_URL: `http://127.0.0.1:${model.address().port}`,
      ANTHROPIC_API_KEY: 'none',
    },
  });
  await once(child, 'exit');
  if (told < number) {
    told = number;
    say({ n: number, error: 'Claude Code ended' });
  }
  if (calls < CALLS && !over) {
    if (calls) say({ reconnected: true });
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}
process.exit();
