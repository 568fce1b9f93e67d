import io.modelcontextprotocol.client.McpClient;
import io.modelcontextprotocol.client.McpSyncClient;
import io.modelcontextprotocol.client.transport.HttpClientStreamableHttpTransport;
import io.modelcontextprotocol.spec.McpSchema.CallToolResult;
import java.net.URI;
import java.util.Map;

/**
 * Saves memories one after another by examples/clients/Again.java, and prints the id of each.
 * Usage: Save URL TITLE COUNT
 */
class Save {
  private Save() {}

  public static void main(String[] arguments) throws Exception {
    URI url = URI.create(arguments[0]);
    var transport =
        HttpClientStreamableHttpTransport.builder(arguments[0]).endpoint(url.getPath()).build();
    try (McpSyncClient client = McpClient.sync(transport).build()) {
      client.initialize();
      for (int number = 0; number < Integer.parseInt(arguments[2]); number++) {
        CallToolResult saved =
            Again.callTool(
                client,
                "memory_save",
                Map.of(
                    "title", arguments[1] + " " + number, "text", "Saved while something breaks"));
        if (!(saved.structuredContent() instanceof Map<?, ?> memory)) {
          throw new IllegalStateException(saved.toString());
        }
        System.out.println(memory.get("id"));
        // So that what breaks meanwhile breaks in the middle.
        Thread.sleep(10);
      }
    }
  }
}
