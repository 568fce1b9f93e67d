import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;

/**
 * Posts what it reads with the HTTP client of examples/clients/Again.java: a line is a session's id
 * and a body, and the status is printed. A line that comes meanwhile cancels the request, and
 * "cancelled" is printed. Usage: Post URL
 */
class Post {
  private Post() {}

  public static void main(String[] arguments) {
    HttpClient client = Again.builder().version(HttpClient.Version.HTTP_1_1).build();
    CompletableFuture<HttpResponse<String>> running = CompletableFuture.completedFuture(null);
    for (String line = IO.readln(); line != null; line = IO.readln()) {
      if (!running.isDone()) {
        running.cancel(true);
        continue;
      }
      String[] parts = line.split(" ", 2);
      HttpRequest request =
          HttpRequest.newBuilder(URI.create(arguments[0]))
              .header("Mcp-Session-Id", parts[0])
              .header("Content-Type", "application/json")
              .POST(BodyPublishers.ofString(parts[1]))
              .build();
      running = client.sendAsync(request, BodyHandlers.ofString());
      running.whenComplete((response, failure) -> System.out.println(said(response, failure)));
    }
    System.exit(0); // A client that is closed waits for its requests.
  }

  private static String said(HttpResponse<String> response, Throwable failure) {
    return failure == null
        ? "" + response.statusCode()
        : failure instanceof CancellationException ? "cancelled" : failure.toString();
  }
}
