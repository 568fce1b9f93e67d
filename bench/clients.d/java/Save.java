import io.modelcontextprotocol.client.McpClient;
import io.modelcontextprotocol.client.McpSyncClient;
import io.modelcontextprotocol.client.transport.HttpClientStreamableHttpTransport;
import io.modelcontextprotocol.spec.McpSchema.CallToolRequest;
import io.modelcontextprotocol.spec.McpSchema.CallToolResult;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Pattern;
import tools.jackson.databind.json.JsonMapper;

/**
 * Saves memories one after another until its input ends, and prints a line of JSON for each. Usage:
 * Save LIBRARY URL TITLE plain|again
 */
class Save {
  private static final Pattern SERVERS =
      Pattern.compile("could not be reached|outcome is unknown|first sending");

  private static final Duration PATIENCE = Duration.ofMinutes(8);

  private Save() {}

  public static void main(String[] arguments) throws Exception {
    URI url = URI.create(arguments[1]);
    boolean again = arguments[3].equals("again");
    URI jar = McpClient.class.getProtectionDomain().getCodeSource().getLocation().toURI();
    String version = Path.of(jar).getFileName().toString().replaceAll("[^0-9]*(.+)\\.jar", "$1");
    say(Map.of("library", "Java SDK " + version));
    AtomicBoolean over = new AtomicBoolean();
    Thread.ofPlatform().daemon().start(() -> awaitEnd(over));
    int number = 0;
    while (!over.get()) {
      var transport =
          HttpClientStreamableHttpTransport.builder(arguments[1]).endpoint(url.getPath());
      try (McpSyncClient client = client(transport, again)) {
        client.initialize();
        if (number > 0) {
          say(Map.of("reconnected", true));
        }
        for (int alive = 2; alive > 0 && !over.get(); ) {
          number++;
          Map<String, Object> memory =
              Map.of("title", arguments[2] + " " + number, "text", "Saved while something breaks");
          try {
            say(Map.of("n", number, "id", save(client, memory)));
            alive = 2;
          } catch (RuntimeException e) {
            say(Map.of("n", number, "error", e.toString()));
            alive = SERVERS.matcher(e.toString()).find() ? 2 : alive - 1;
          }
        }
      } catch (RuntimeException e) {
        System.err.println(e);
        Thread.sleep(500);
      }
    }
    System.exit(0);
  }

  private static McpSyncClient client(
      HttpClientStreamableHttpTransport.Builder transport, boolean again) {
    // Longer than a call may take with the example.
    return again
        ? McpClient.sync(transport.clientBuilder(Again.builder()).build())
            .requestTimeout(PATIENCE)
            .initializationTimeout(PATIENCE)
            .build()
        : McpClient.sync(transport.build()).build();
  }

  private static Object save(McpSyncClient client, Map<String, Object> memory) {
    CallToolResult saved =
        client.callTool(CallToolRequest.builder("memory_save").arguments(memory).build());
    if (saved.structuredContent() instanceof Map<?, ?> content && content.containsKey("id")) {
      return content.get("id");
    }
    throw new IllegalStateException(saved.toString());
  }

  private static void say(Map<String, ?> line) {
    System.out.println(JsonMapper.shared().writeValueAsString(line));
  }

  private static void awaitEnd(AtomicBoolean over) {
    try {
      System.in.readAllBytes();
    } catch (IOException e) {
      // No input is its end too.
    }
    over.set(true);
  }
}
