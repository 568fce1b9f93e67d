package com.mcpist.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.e2e.harness.Command;
import com.mcpist.e2e.harness.Root;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the image's build does with the origin's program. */
class ImageAssemblyIT {

  private static final Path PROGRAM = Root.APP.resolve("origin");

  @TempDir private Path folder;

  @Test
  void theJvmsArgumentsAreTheProgramsOwnAndNameEveryJar() throws IOException {
    Command.Result assembly = assemble(modulesOfTheImage());

    assertThat(assembly.code()).as(assembly.all()).isZero();
    List<String> arguments = Files.readAllLines(folder.resolve("origin.args"));
    List<String> options = Files.readAllLines(PROGRAM.resolve("jvm.options"));
    assertThat(arguments.subList(0, options.size())).isEqualTo(options);
    assertThat(arguments.subList(options.size(), arguments.size()))
        .containsExactly(
            "-XX:AOTCache=" + folder.resolve("origin.aot"),
            "-cp",
            String.join(":", jars()) + ":" + folder.resolve("modules") + "/*",
            "com.mcpist.origin.Main");
  }

  @Test
  void aModuleThatTheRuntimeLacksIsNamed() throws IOException {
    Command.Result assembly = assemble(modulesOfTheImage().replace("java.naming,", ""));

    assertThat(assembly.code()).isEqualTo(1);
    assertThat(assembly.err()).contains("runtime lacks: java.naming. ");
  }

  @Test
  void aModuleThatTheJdkAddsToTheRuntimeIsNamed() throws IOException {
    Command.Result runtime =
        script("runtime", "java.base,java.sql", folder.resolve("java").toString());

    assertThat(runtime.code()).isEqualTo(1);
    assertThat(runtime.err()).contains("java.transaction.xa", "not java.base,java.sql. ");
  }

  private List<String> jars() throws IOException {
    try (Stream<Path> files = Files.list(PROGRAM)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.endsWith(".jar"))
          .map(name -> folder.resolve("origin").resolve(name).toString())
          .sorted()
          .toList();
    }
  }

  private static String modulesOfTheImage() {
    Matcher modules = Pattern.compile("(?m)^ARG MODULES=(\\S+)$").matcher(Root.text("Dockerfile"));
    assertThat(modules.find()).isTrue();
    return modules.group(1);
  }

  private Command.Result assemble(String modules) throws IOException {
    return script("assemble", PROGRAM.toAbsolutePath().toString(), folder.toString(), modules);
  }

  private Command.Result script(String name, String... arguments) throws IOException {
    String script = Root.PATH.resolve("image").resolve(name).toAbsolutePath().toString();
    String[] command =
        Stream.concat(Stream.of(script), Stream.of(arguments)).toArray(String[]::new);
    ProcessBuilder builder = Root.process(folder, command);
    String jdk = Path.of(System.getProperty("java.home"), "bin").toString();
    builder.environment().merge("PATH", jdk, (path, first) -> first + File.pathSeparator + path);
    return Command.run(builder);
  }
}
