import io.modelcontextprotocol.client.McpSyncClient;
import io.modelcontextprotocol.spec.McpError;
import io.modelcontextprotocol.spec.McpSchema.CallToolRequest;
import io.modelcontextprotocol.spec.McpSchema.CallToolResult;
import io.modelcontextprotocol.spec.McpTransportException;
import java.util.Map;
import java.util.UUID;

/** Sends a tools/call under a key until it is answered, for 5 minutes. */
public final class Again {
  private Again() {}

  public static CallToolResult callTool(
      McpSyncClient client, String tool, Map<String, Object> arguments)
      throws InterruptedException {
    Map<String, Object> key = Map.of("com.mcpist/idempotency-key", "" + UUID.randomUUID());
    CallToolRequest call = CallToolRequest.builder(tool).arguments(arguments).meta(key).build();
    long end = System.currentTimeMillis() + 300_000;
    for (long pause = 20; ; pause = Math.min(2 * pause, 1000)) {
      try {
        return client.callTool(call);
      } catch (RuntimeException e) {
        if (System.currentTimeMillis() > end || !mayBeSentAgain(e)) {
          throw e;
        }
      }
      Thread.sleep(pause);
    }
  }

  /** An error of the server says so. A connection that broke, or no answer in time, is none. */
  private static boolean mayBeSentAgain(RuntimeException e) {
    return e instanceof McpError error
        ? error.getJsonRpcError().data() instanceof Map<?, ?> data
            && data.containsKey("idempotencyKey")
        : !(e instanceof McpTransportException);
  }
}
