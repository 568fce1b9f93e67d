import { createInterface } from 'node:readline';

// Saves a memory under each title that it reads, a line each, and prints its id.
export async function save(client) {
  for await (const title of createInterface({ input: process.stdin })) {
    const saved = await client.callTool({
      name: 'memory_save',
      arguments: { title, text: 'Saved while something breaks' },
    });
    if (saved.isError) throw new Error(JSON.stringify(saved));
    console.log(saved.structuredContent.id);
  }
  await client.close();
}
