package com.mcpist.e2e.workflows;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.e2e.harness.Command;
import com.mcpist.e2e.harness.Root;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;

/**
 * A stranger's clone of this repository, with a deployment of theirs: a git repository of its own,
 * with the files as they are in the checkout. Only the suite and the build by Maven are replaced,
 * and sources are left out that only these would read.
 */
final class Checkout {
  private static final Set<String> MADE =
      Set.of("target", "node_modules", "dist", ".git", ".mcpist", ".terraform", ".wrangler");
  private static final String CONTAINER =
      """
      container:
        image: debian:trixie
        options: --privileged --cgroupns=host
      """
          .indent(4);

  private final Path folder;

  private Checkout(Path folder) {
    this.folder = folder;
  }

  /** Makes it, and commits what is there. */
  static Checkout in(Path folder, String deployment) throws IOException {
    Checkout checkout = new Checkout(folder);
    copy(folder);
    checkout.replace("run", ".ci/run");
    checkout.replace("mvnw", "mvnw");
    checkout.replace("package", "build/package");
    checkout.replace("try-release", "build/try-release");
    // Without Docker there is no container to run in.
    checkout.change(".github/workflows/ci.yml", CONTAINER, "");
    checkout.write("mcpist.yml", deployment);
    checkout.git("init", "--quiet", "--initial-branch=main");
    checkout.git("remote", "add", "origin", "https://github.com/" + Production.REPOSITORY);
    checkout.commit("Deploy");
    checkout.push();
    return checkout;
  }

  /** The same with something else in a file, in another folder. */
  Checkout with(Path other, String file, String right, String wrong) throws IOException {
    Checkout copy = new Checkout(other);
    git("clone", "--quiet", folder.toString(), other.toString());
    copy.git("remote", "set-url", "origin", "https://github.com/" + Production.REPOSITORY);
    copy.change(file, right, wrong);
    copy.commit("Break it");
    return copy;
  }

  Path folder() {
    return folder;
  }

  void write(String file, String text) throws IOException {
    Files.writeString(folder.resolve(file), text);
  }

  /** Changes a file, which must have what is to be changed. */
  void change(String file, String right, String wrong) throws IOException {
    String text = Files.readString(folder.resolve(file));
    assertThat(text).contains(right);
    write(file, text.replace(right, wrong));
  }

  /** Commits all that is there, and returns the commit's id. */
  String commit(String message) throws IOException {
    git("add", "--all");
    git("commit", "--quiet", "--allow-empty", "--message", message);
    return git("rev-parse", "HEAD").strip();
  }

  /** Puts the last commit on main, as a checkout with all history knows it. */
  void push() throws IOException {
    git("update-ref", "refs/remotes/origin/main", "HEAD");
  }

  /** {@code git revert} of the last commit. */
  void revert() throws IOException {
    git("revert", "--no-edit", "HEAD");
  }

  String git(String... arguments) throws IOException {
    List<String> line =
        Stream.concat(
                Stream.of("git", "-c", "user.name=me", "-c", "user.email=me@example.com"),
                Stream.of(arguments))
            .toList();
    Files.createDirectories(folder);
    ProcessBuilder git = new ProcessBuilder(line).directory(folder.toFile());
    Command.Result result = Command.run(git);
    assertThat(result.code()).as(String.join(" ", line) + "\n" + result.all()).isZero();
    return result.out();
  }

  private void replace(String standIn, String file) throws IOException {
    Path by = Toolbox.STAND_INS.resolve("checkout").resolve(standIn);
    write(file, Files.readString(by)); // It stays as executable as it was.
  }

  private static void copy(Path folder) throws IOException {
    Files.walkFileTree(
        Root.PATH,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path from, BasicFileAttributes attributes)
              throws IOException {
            Path name = Objects.requireNonNull(from.getFileName());
            boolean source = name.toString().equals("src") && !from.endsWith("worker/src");
            if (MADE.contains(name.toString()) || source) {
              return FileVisitResult.SKIP_SUBTREE;
            }
            Files.createDirectories(folder.resolve(Root.PATH.relativize(from).toString()));
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path from, BasicFileAttributes attributes)
              throws IOException {
            Path to = folder.resolve(Root.PATH.relativize(from).toString());
            if (!from.getFileName().toString().equals(".git")) {
              Files.copy(from, to, StandardCopyOption.COPY_ATTRIBUTES);
            }
            return FileVisitResult.CONTINUE;
          }
        });
  }
}
