import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.spi.ToolProvider;

/**
 * Checks or applies google-java-format over every Java file of the checkout.
 *
 * <p>A program of its own, because a formatter reads Java with the compiler of the JVM it runs in,
 * and Maven may run on an older one than the sources need. So the Spotless plugin rejects them.
 */
class Format {
  private Format() {}

  public static void main(String[] args) throws Exception {
    boolean apply = args[0].equals("apply");
    Path root = Path.of(args[1]);
    List<String> command = new ArrayList<>();
    command.addAll(apply ? List.of("--replace") : List.of("--dry-run", "--set-exit-if-changed"));
    command.addAll(sources(root));
    ToolProvider formatter = ToolProvider.findFirst("google-java-format").orElseThrow();
    int code = formatter.run(System.out, System.err, command.toArray(String[]::new));
    if (code != 0 && !apply) {
      System.err.println("Not in google-java-format's form (listed above). To mend it:");
      System.err.println("  ./mvnw -q -N process-sources -Dformat=apply");
    }
    System.exit(code);
  }

  private static List<String> sources(Path root) throws Exception {
    try (var files = Files.walk(root)) {
      return files
          .filter(f -> f.toString().endsWith(".java"))
          .filter(
              f ->
                  !root.relativize(f)
                      .toString()
                      .matches("(.*/)?(target|node_modules|\\.mcpist)/.*"))
          .map(Path::toString)
          .sorted()
          .toList();
    }
  }
}
