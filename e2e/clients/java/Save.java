import io.modelcontextprotocol.client.McpClient;
import io.modelcontextprotocol.client.McpSyncClient;
import io.modelcontextprotocol.client.transport.HttpClientStreamableHttpTransport;
import io.modelcontextprotocol.spec.McpSchema.CallToolResult;
import java.net.URI;
import java.util.Map;

/**
 * Saves a memory under each title that it reads, by examples/clients/Again.java, and prints its id.
 * Usage: Save URL
 */
class Save {
  private Save() {}

  public static void main(String[] arguments) throws Exception {
    URI url = URI.create(arguments[0]);
    var transport =
        HttpClientStreamableHttpTransport.builder(arguments[0]).endpoint(url.getPath()).build();
    try (McpSyncClient client = McpClient.sync(transport).build()) {
      client.initialize();
      for (String title = IO.readln(); title != null; title = IO.readln()) {
        CallToolResult saved =
            Again.callTool(
                client,
                "memory_save",
                Map.of("title", title, "text", "Saved while something breaks"));
        if (!(saved.structuredContent() instanceof Map<?, ?> memory)) {
          throw new IllegalStateException(saved.toString());
        }
        System.out.println(memory.get("id"));
      }
    }
  }
}
