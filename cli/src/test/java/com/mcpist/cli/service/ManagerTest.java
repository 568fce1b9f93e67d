package com.mcpist.cli.service;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.testkit.Need;
import com.mcpist.testkit.Needs;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Element;
import org.w3c.dom.Node;
import org.w3c.dom.NodeList;

/** What systemd and launchd are told of paths that nobody should have. */
class ManagerTest {
  private static final String NASTY = "it's 100% \"a\" <&> b";

  private Path folder;
  private Service service;

  // JUnit calls prepare before anything else.
  @SuppressWarnings("NullAway.Init")
  ManagerTest() {}

  @BeforeEach
  void prepare(@TempDir Path temp) throws Exception {
    folder = Files.createDirectories(temp.resolve(NASTY));
    Path launcher = Files.writeString(folder.resolve("mcpist"), "#!/bin/sh\n");
    Files.setPosixFilePermissions(launcher, PosixFilePermissions.fromString("rwx------"));
    service =
        Service.of(
            launcher,
            folder,
            folder.resolve("data"),
            9090,
            Map.of("HOME", "/home/me", "PATH", "/bin:/a $b\\c", "DATABASE_URL", "hunter2"));
  }

  @Test
  void theUnitSaysWhatIsRunAndNoSecret() {
    String unit = new Systemd(service, folder).text();

    String escaped = folder.toString().replace("%", "%%");
    String quoted = escaped.replace("\"", "\\\"");
    assertThat(unit.lines())
        .contains(
            "PIDFile=" + escaped + "/data/pair",
            "WorkingDirectory=" + escaped,
            "Environment=\"JAVA_HOME=" + System.getProperty("java.home") + "\"",
            "Environment=\"PATH=/bin:/a $b\\\\c\"",
            "ExecStart=\"/bin/sh\" \"-c\" \"exec \\\"$$0\\\" \\\"$$@\\\"\" \"%1$s/mcpist\" \"up\" \"--detach\" \"--data\" \"%1$s/data\" \"--port\" \"9090\""
                .formatted(quoted));
    assertThat(unit).doesNotContain("hunter2", "HOME=/home/me");
  }

  @Test
  @Needs(Need.SYSTEMD)
  void systemdUnderstandsTheUnit() throws Exception {
    Systemd systemd = new Systemd(service, folder.resolve("config"));
    Files.createDirectories(systemd.file().resolveSibling(""));
    Files.writeString(systemd.file(), systemd.text());
    ProcessBuilder verify =
        new ProcessBuilder("systemd-analyze", "verify", "--user", systemd.file().toString())
            .redirectErrorStream(true);
    verify.environment().put("XDG_RUNTIME_DIR", folder.toString());

    Process process = verify.start();

    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(said).isZero();
    // Of units of the machine's own it may say something; of this one it must say nothing.
    assertThat(said).doesNotContain(service.name());
  }

  @Test
  void thePropertyListHasTheSameForLaunchd() throws Exception {
    DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
    factory.setFeature("http://apache.org/xml/features/nonvalidating/load-external-dtd", false);
    String text = new Launchd(service, folder).text();
    Element root =
        factory
            .newDocumentBuilder()
            .parse(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)))
            .getDocumentElement();

    List<String> flat = new ArrayList<>();
    flatten(root, flat);

    String path = folder.toString();
    assertThat(flat)
        .containsSequence("key=Label", "string=com." + service.name())
        .containsSequence(
            "array",
            "string=" + path + "/mcpist",
            "string=up",
            "string=--data",
            "string=" + path + "/data",
            "string=--port",
            "string=9090",
            "key=WorkingDirectory",
            "string=" + path)
        .containsSequence("key=PATH", "string=/bin:/a $b\\c")
        .containsSequence("key=RunAtLoad", "true")
        .containsSequence("key=KeepAlive", "dict", "key=SuccessfulExit", "false");
    assertThat(text).doesNotContain("hunter2");
  }

  private static void flatten(Element element, List<String> flat) {
    NodeList children = element.getChildNodes();
    boolean leaf = true;
    int at = flat.size();
    for (int i = 0; i < children.getLength(); i++) {
      if (children.item(i).getNodeType() == Node.ELEMENT_NODE) {
        flatten((Element) children.item(i), flat);
        leaf = false;
      }
    }
    String text = element.getTextContent();
    flat.add(
        at, leaf && !text.isEmpty() ? element.getTagName() + "=" + text : element.getTagName());
  }

  @Test
  void aPairOfAnotherFolderIsAnotherService() {
    Path standard = Path.of("/home/me/.local/share/mcpist");
    Map<String, String> environment = Map.of("HOME", "/home/me");

    assertThat(Service.of(folder, folder, standard, 8080, environment).name()).isEqualTo("mcpist");
    assertThat(service.name()).matches("mcpist-[0-9a-f]{8}");
  }

  @Test
  void aLineForCronIsRunAsItIsWritten() throws Exception {
    Files.writeString(
        folder.resolve("mcpist"), "#!/bin/sh\nfor each; do echo \"[$each]\"; done; pwd\n");
    String line = service.cron();
    assertThat(line).startsWith("@reboot ").doesNotContain("\n").contains("100\\% ");

    // cron takes the backslash away.
    String command = line.substring("@reboot ".length()).replace("\\%", "%");
    Process process = new ProcessBuilder("sh", "-c", command).start();

    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(said)
        .isEqualTo(
            "[up]\n[--detach]\n[--data]\n[%1$s/data]\n[--port]\n[9090]\n%1$s\n".formatted(folder));
  }
}
