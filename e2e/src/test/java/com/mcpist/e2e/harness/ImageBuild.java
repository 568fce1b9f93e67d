package com.mcpist.e2e.harness;

import com.mcpist.testkit.host.OciImage;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Builds the image of the checkout, without Docker and its hub: the base is made of Debian's
 * packages as this machine's apt gets them, and Maven's libraries are those that the build has
 * already. Layers are kept from one run to the next.
 */
public final class ImageBuild {

  /** What it is told that it is. */
  public static final String RELEASE = "e2e";

  /** What the image is called here. */
  static final String NAME = "localhost/mcpist-origin:e2e";

  private static final Path FOLDER = Root.PATH.resolve("e2e/target/containers").toAbsolutePath();
  private static final Pattern BASE = Pattern.compile("(?m)^ARG BASE=(debian:([a-z]+)-slim)$");
  private static final Pattern DEBIAN =
      Pattern.compile("Debian (https?://\\S+) [a-z]+(|-updates|-security) (\\S+)");
  private static final Pattern LIMITS =
      Pattern.compile("(?m)^Max (processes|open files) +\\S+ +(\\d+)");

  /** Debian 12's buildah refuses more processes than this. */
  private static final long MOST_PROCESSES = 32_768;

  /** On a machine that has downloaded nothing, the build begins with all artefacts. */
  public static final int LIMIT_MINUTES = 15;

  private ImageBuild() {}

  /** Builds it, or takes what has not changed. Two test programs at once do not do it twice. */
  public static void run() throws IOException {
    List<String> options = new ArrayList<>(List.of("--build-arg", "RELEASE=" + RELEASE));
    options.addAll(maven());
    build(NAME, options, Root.PATH);
  }

  /** An image of this name: the base with these packages of Debian's. */
  static void bare(String name, String... packages) throws IOException {
    Path folder = Files.createDirectories(FOLDER.resolve("bare"));
    Files.writeString(
        folder.resolve("Dockerfile"),
        """
        FROM %s
        RUN apt-get update && apt-get install --yes --no-install-recommends %s
        """
            .formatted(base().group(1), String.join(" ", packages)));
    build(name, List.of(), folder);
  }

  private static void build(String name, List<String> options, Path folder) throws IOException {
    Files.createDirectories(FOLDER);
    try (FileChannel lock =
            FileChannel.open(
                FOLDER.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock _ = lock.lock()) {
      if (Tools.run(storage("podman", "image", "exists", base().group(1))).code() != 0) {
        makeBase();
      }
      List<String> build = new ArrayList<>(storage("buildah", "build"));
      build.addAll(List.of("--isolation", "chroot", "--network", "host", "--pull=never"));
      build.addAll(List.of("--layers", "--force-rm", "--format", "docker", "--tag", name));
      build.addAll(hardLimits());
      build.addAll(options);
      build.add(folder.toAbsolutePath().toString());
      Tools.succeed(build);
    }
  }

  /** What {@link #run} has built, as a registry would have it. */
  public static OciImage image() throws IOException {
    Path layout = Files.createTempDirectory("mcpist-image");
    try {
      List<String> push = storage("buildah", "push", "--quiet");
      push.addAll(List.of(NAME, "oci:" + layout + ":e2e"));
      Tools.succeed(push);
      return OciImage.read(layout);
    } finally {
      Tools.succeed(List.of("rm", "-rf", layout.toString()));
    }
  }

  /** A command of podman or buildah on this test's own images and containers. */
  static List<String> storage(String program, String... arguments) {
    List<String> command = new ArrayList<>(List.of(program, "--storage-driver=overlay"));
    // Without a mount, so that the folder can be deleted as any other.
    command.add("--storage-opt=overlay.skip_mount_home=true");
    command.addAll(List.of("--root", FOLDER.resolve("storage").toString()));
    command.addAll(List.of("--runroot", FOLDER.resolve("run").toString()));
    command.addAll(List.of(arguments));
    return command;
  }

  /** As Debian's slim image: what is necessary, without the pages that nobody reads there. */
  private static void makeBase() throws IOException {
    Files.createDirectories(FOLDER);
    Path tar = FOLDER.resolve("base.tar");
    Path sources = Files.write(FOLDER.resolve("sources.list"), sources());
    Path settings = Files.write(FOLDER.resolve("apt.conf"), settings());
    List<String> make = new ArrayList<>(List.of("mmdebstrap", "--mode=root", "--variant=minbase"));
    make.add("--aptopt=" + settings);
    for (String folder : List.of("doc", "info", "locale", "man")) {
      make.add("--dpkgopt=path-exclude=/usr/share/" + folder + "/*");
    }
    make.addAll(List.of(release(), tar.toString(), sources.toString()));
    Tools.succeed(make);
    Tools.succeed(storage("podman", "import", tar.toString(), base().group(1)));
    Files.delete(tar);
  }

  private static String release() {
    return base().group(2);
  }

  private static Matcher base() {
    Matcher base = BASE.matcher(Root.text("Dockerfile"));
    if (!base.find()) {
      throw new AssertionError("the Dockerfile's base is not " + BASE);
    }
    return base;
  }

  /** Where this machine gets Debian's packages from; the base's release is there, too. */
  private static List<String> sources() throws IOException {
    String format = "$(ORIGIN) $(REPO_URI) $(RELEASE) $(COMPONENT)";
    List<String> targets =
        List.of("apt-get", "indextargets", "--format", format, "Created-By: Packages");
    return Tools.succeed(targets)
        .lines()
        .map(DEBIAN::matcher)
        .filter(Matcher::matches)
        .map(archive -> archive.replaceFirst("deb $1 " + release() + "$2 $3"))
        .distinct()
        .toList();
  }

  /** How it gets them: by a proxy, say. */
  private static List<String> settings() throws IOException {
    return Tools.succeed(List.of("apt-config", "dump"))
        .lines()
        .filter(line -> line.matches("Acquire::(https?|Check-|Retries).* \".+\";"))
        .toList();
  }

  /** Buildah and podman ask for more than the hard limits otherwise, which not all may exceed. */
  static List<String> hardLimits() throws IOException {
    List<String> options = new ArrayList<>();
    Matcher limit = LIMITS.matcher(Files.readString(Path.of("/proc/self/limits")));
    while (limit.find()) {
      boolean processes = limit.group(1).equals("processes");
      long hard = Long.parseLong(limit.group(2));
      long most = processes ? Math.min(hard, MOST_PROCESSES) : hard;
      options.add("--ulimit=" + (processes ? "nproc=" : "nofile=") + most + ":" + most);
    }
    return options;
  }

  /** Maven's folder of this machine; what the image's build writes to it is thrown away. */
  private static List<String> maven() {
    Path home = Path.of(System.getProperty("user.home"), ".m2");
    Path repository =
        Path.of(System.getProperty("localRepository", home.resolve("repository").toString()));
    List<String> options = new ArrayList<>(List.of("--build-arg", "MAVEN_USER_HOME=/maven"));
    options.addAll(List.of("--volume", repository + ":/maven/repository:O"));
    Path wrapper = home.resolve("wrapper");
    if (Files.isDirectory(wrapper)) {
      options.addAll(List.of("--volume", wrapper + ":/maven/wrapper:O"));
    }
    return options;
  }
}
