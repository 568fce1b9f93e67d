import io.modelcontextprotocol.client.McpClient;
import io.modelcontextprotocol.client.McpSyncClient;
import io.modelcontextprotocol.client.transport.HttpClientStreamableHttpTransport;
import io.modelcontextprotocol.client.transport.customizer.McpHttpClientAuthorizationErrorHandler;
import io.modelcontextprotocol.spec.McpSchema.CallToolRequest;
import io.modelcontextprotocol.spec.McpSchema.CallToolResult;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Lists the tools, and saves a memory under each title that it reads, with the HTTP client of
 * examples/clients/Again.java, and prints its id. Usage: Save URL
 */
class Save {
  private Save() {}

  public static void main(String[] arguments) throws Exception {
    URI url = URI.create(arguments[0]);
    AtomicReference<Optional<String>> token = new AtomicReference<>(Optional.empty());
    var transport =
        HttpClientStreamableHttpTransport.builder(arguments[0])
            .endpoint(url.getPath())
            .clientBuilder(Again.builder())
            .httpRequestCustomizer(
                (request, _, _, _, _) ->
                    token.get().ifPresent(t -> request.header("Authorization", "Bearer " + t)))
            .authorizationErrorHandler(
                McpHttpClientAuthorizationErrorHandler.fromSync(
                    (_, _) -> {
                      token.set(Optional.of("signed-in"));
                      return true;
                    }))
            .build();
    Duration patience = Duration.ofMinutes(8);
    try (McpSyncClient client =
        McpClient.sync(transport)
            .requestTimeout(patience)
            .initializationTimeout(patience)
            .build()) {
      client.initialize();
      client.listTools();
      for (String title = IO.readln(); title != null; title = IO.readln()) {
        CallToolResult saved =
            client.callTool(
                CallToolRequest.builder("memory_save")
                    .arguments(Map.of("title", title, "text", "Saved while something breaks"))
                    .build());
        if (!(saved.structuredContent() instanceof Map<?, ?> memory)) {
          throw new IllegalStateException(saved.toString());
        }
        System.out.println(memory.get("id"));
      }
    }
  }
}
