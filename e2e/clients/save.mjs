// Saves memories one after another, and prints the id of each.
export async function save(client, title, count) {
  for (let number = 0; number < count; number++) {
    const saved = await client.callTool({
      name: 'memory_save',
      arguments: { title: `${title} ${number}`, text: 'Saved while something breaks' },
    });
    if (saved.isError) throw new Error(JSON.stringify(saved));
    console.log(saved.structuredContent.id);
    // So that what breaks meanwhile breaks in the middle.
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  await client.close();
}
