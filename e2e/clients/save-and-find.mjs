// Prints one line of JSON: what the client negotiated, what it found, and what a mounted server answered where there is one.
export async function saveAndFind(client, transport, title) {
  await client.connect(transport);
  const { tools } = await client.listTools();
  const saved = await client.callTool({
    name: 'memory_save',
    arguments: { title, text: `What ${title} is about`, tags: ['clients'] },
  });
  const echoed = tools.some((tool) => tool.name === 'echo_echo')
    ? await client.callTool({ name: 'echo_echo', arguments: { text: title } })
    : undefined;
  const found = await client.callTool({ name: 'memory_search', arguments: { query: title } });
  const negotiated = client.getNegotiatedProtocolVersion?.() ?? transport.protocolVersion;
  console.log(
    JSON.stringify({
      negotiated,
      tools: tools.map((tool) => tool.name),
      saved: saved.structuredContent,
      found: found.structuredContent,
      echoed: echoed?.content[0].text,
      failed: Boolean(saved.isError || found.isError || echoed?.isError),
    }),
  );
  await client.close();
}
