import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.w3c.dom.Element;

/**
 * Adds up the test reports of every module, and fails when a test was skipped: one that needs a
 * tool that the machine lacks has not passed, however green the build.
 *
 * <p>Any Java from 17 on runs it.
 */
class TestReport {
  private TestReport() {}

  public static void main(String[] args) throws Exception {
    int passed = 0;
    List<String> failed = new ArrayList<>();
    List<String> skipped = new ArrayList<>();
    for (Path report : reports(Path.of(args[0]))) {
      var cases =
          DocumentBuilderFactory.newInstance()
              .newDocumentBuilder()
              .parse(report.toFile())
              .getElementsByTagName("testcase");
      for (int i = 0; i < cases.getLength(); i++) {
        Element test = (Element) cases.item(i);
        String name = test.getAttribute("classname") + "." + test.getAttribute("name");
        if (has(test, "skipped")) {
          skipped.add(name);
        } else if (has(test, "failure") || has(test, "error")) {
          failed.add(name);
        } else {
          passed++;
        }
      }
    }
    failed.forEach(name -> System.out.println("FAILED  " + name));
    skipped.forEach(name -> System.out.println("SKIPPED " + name));
    System.out.printf("%d passed, %d failed, %d skipped%n", passed, failed.size(), skipped.size());
    System.exit(passed > 0 && failed.isEmpty() && skipped.isEmpty() ? 0 : 1);
  }

  private static boolean has(Element test, String child) {
    return test.getElementsByTagName(child).getLength() > 0;
  }

  private static List<Path> reports(Path root) throws IOException {
    try (var files = Files.walk(root)) {
      return files
          .filter(
              f -> f.toString().matches(".*/target/(surefire|failsafe)-reports/TEST-[^/]*\\.xml"))
          .sorted()
          .toList();
    }
  }
}
