import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import javax.xml.parsers.DocumentBuilderFactory;
import org.w3c.dom.Element;

/**
 * Adds up the test reports of every module, and fails when a test was skipped: one that needs a
 * tool that the machine lacks has not passed, however green the build. Only a test whose reason
 * begins with "without" may be skipped, which is told in one line: what it needs is not for
 * everybody to have.
 *
 * <p>The arguments are the checkout, and when the run began, in seconds since 1970: a report that
 * is older is of an earlier run, perhaps of a test that is no more.
 *
 * <p>Any Java from 17 on runs it.
 */
class TestReport {
  private TestReport() {}

  public static void main(String[] args) throws Exception {
    int passed = 0;
    List<String> failed = new ArrayList<>();
    List<String> skipped = new ArrayList<>();
    Map<String, Integer> without = new TreeMap<>();
    for (Path report : reports(Path.of(args[0]), Long.parseLong(args[1]))) {
      var cases =
          DocumentBuilderFactory.newInstance()
              .newDocumentBuilder()
              .parse(report.toFile())
              .getElementsByTagName("testcase");
      for (int i = 0; i < cases.getLength(); i++) {
        Element test = (Element) cases.item(i);
        String name = test.getAttribute("classname") + "." + test.getAttribute("name");
        String reason = skipped(test);
        if (reason.startsWith("without ")) {
          without.merge(reason, 1, Integer::sum);
        } else if (has(test, "skipped")) {
          skipped.add(name + ": " + reason);
        } else if (has(test, "failure") || has(test, "error")) {
          failed.add(name);
        } else {
          passed++;
        }
      }
    }
    failed.forEach(name -> System.out.println("FAILED  " + name));
    skipped.forEach(name -> System.out.println("SKIPPED " + name));
    without.forEach((reason, tests) -> System.out.printf("NOT RUN %s (%d)%n", reason, tests));
    System.out.printf("%d passed, %d failed, %d skipped%n", passed, failed.size(), skipped.size());
    System.exit(passed > 0 && failed.isEmpty() && skipped.isEmpty() ? 0 : 1);
  }

  /** Why it was skipped; empty where it does not say, or was not. */
  private static String skipped(Element test) {
    return test.getElementsByTagName("skipped").item(0) instanceof Element skipped
        ? skipped.getAttribute("message")
        : "";
  }

  private static boolean has(Element test, String child) {
    return test.getElementsByTagName(child).getLength() > 0;
  }

  private static List<Path> reports(Path root, long begun) throws IOException {
    try (var files = Files.walk(root)) {
      return files
          .filter(
              f -> f.toString().matches(".*/target/(surefire|failsafe)-reports/TEST-[^/]*\\.xml"))
          .filter(f -> f.toFile().lastModified() >= begun * 1000)
          .sorted()
          .toList();
    }
  }
}
