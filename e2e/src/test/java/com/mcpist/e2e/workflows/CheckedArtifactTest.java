package com.mcpist.e2e.workflows;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.e2e.harness.Command;
import com.mcpist.e2e.harness.Root;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/**
 * The script of the action that unpacks what another job has made. That job may be a stranger's.
 */
class CheckedArtifactTest {
  private static final String FILES = "worker/dist/index.js";

  private @TempDir Path folder;
  private Path checkout;
  private Path made;

  // JUnit calls prepare before anything else.
  @SuppressWarnings("NullAway.Init")
  CheckedArtifactTest() {}

  @BeforeEach
  void prepare() throws IOException {
    checkout = Files.createDirectory(folder.resolve("checkout"));
    Files.writeString(checkout.resolve("mcpist"), "ours");
    made = Files.createDirectory(folder.resolve("made"));
    write(FILES, "the Worker");
  }

  private void write(String file, String text) throws IOException {
    Files.createDirectories(made.resolve(file).resolveSibling(""));
    Files.writeString(made.resolve(file), text);
  }

  private Path pack() throws IOException {
    Path archive =
        Files.createDirectories(folder.resolve("temp/artifacts")).resolve("worker.tar.gz");
    List<String> members;
    try (Stream<Path> files = Files.list(made)) {
      members = files.map(file -> file.getFileName().toString()).toList();
    }
    Command.Result packed =
        Command.run(
            new ProcessBuilder(
                Stream.concat(
                        Stream.of("tar", "-czf", archive.toString(), "-C", made.toString()),
                        members.stream())
                    .toList()));
    assertThat(packed.code()).as(packed.all()).isZero();
    return archive;
  }

  private Command.Result unpack(String digest) throws IOException {
    JsonNode action = new YAMLMapper().readTree(Root.text(".github/checked-artifact/action.yml"));
    String script = action.at("/runs/steps/1/run").asString();
    ProcessBuilder bash =
        new ProcessBuilder("bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script)
            .directory(checkout.toFile());
    bash.environment().put("RUNNER_TEMP", folder.resolve("temp").toString());
    bash.environment().put("NAME", "worker");
    bash.environment().put("FILES", FILES);
    bash.environment().put("DIGEST", digest);
    return Command.run(bash);
  }

  private static String digest(Path archive) throws IOException {
    Command.Result digest = Command.run(new ProcessBuilder("sha256sum", archive.toString()));
    return digest.all().substring(0, 64);
  }

  @Test
  void whatItIsForIsUnpacked() throws Exception {
    Command.Result result = unpack(digest(pack()));
    assertThat(result.code()).as(result.all()).isZero();
    assertThat(checkout.resolve(FILES)).hasContent("the Worker");
  }

  @Test
  void anArchiveOfAnotherDigestIsNotUnpacked() throws Exception {
    String digest = digest(pack());
    write(FILES, "another Worker");
    pack();
    for (String wrong : List.of(digest, "")) {
      Command.Result result = unpack(wrong);
      assertThat(result.code()).isNotZero();
      assertThat(result.all()).contains("is not what its job has made");
    }
    assertThat(checkout.resolve(FILES)).doesNotExist();
  }

  /** Tests that the job that makes the Worker gives nothing to the program that runs beside it. */
  @Test
  void nothingElseOfAnArchiveIsUnpacked() throws Exception {
    write("mcpist", "theirs");
    write("target/app/cli/another.jar", "theirs");
    assertThat(unpack(digest(pack())).code()).isZero();
    assertThat(checkout.resolve("mcpist")).hasContent("ours");
    assertThat(checkout.resolve("target")).doesNotExist();
  }

  @Test
  void aFileThatIsThereIsNotReplaced() throws Exception {
    Files.createDirectories(checkout.resolve(FILES).resolveSibling(""));
    Files.writeString(checkout.resolve(FILES), "of an archive before");
    assertThat(unpack(digest(pack())).code()).isNotZero();
    assertThat(checkout.resolve(FILES)).hasContent("of an archive before");
  }

  @Test
  void anArchiveWithLinksIsNotUnpacked() throws Exception {
    Files.delete(made.resolve(FILES));
    Files.createSymbolicLink(made.resolve(FILES), Path.of("../../mcpist"));
    Command.Result result = unpack(digest(pack()));
    assertThat(result.code()).isNotZero();
    assertThat(result.all()).contains("has links in it");
    assertThat(Files.exists(checkout.resolve(FILES), java.nio.file.LinkOption.NOFOLLOW_LINKS))
        .isFalse();
  }
}
