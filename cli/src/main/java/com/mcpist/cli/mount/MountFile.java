package com.mcpist.cli.mount;

import module java.base;

import com.mcpist.cli.console.Failure;
import com.mcpist.deploy.config.Mounts;
import com.mcpist.pair.data.PairException;
import com.mcpist.pair.data.WholeFile;
import tools.jackson.core.util.DefaultIndenter;
import tools.jackson.core.util.DefaultPrettyPrinter;
import tools.jackson.core.util.Separators;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** mounts.json as it is to be: what is not changed keeps its place. */
record MountFile(Path path, Optional<String> before, ObjectNode root) {
  private static final DefaultPrettyPrinter LINES =
      new DefaultPrettyPrinter(
              Separators.createDefaultInstance()
                  .withObjectNameValueSpacing(Separators.Spacing.AFTER)
                  .withObjectEmptySeparator("")
                  .withArrayEmptySeparator(""))
          .withObjectIndenter(new DefaultIndenter("  ", "\n"));

  static MountFile read(Path path) throws IOException {
    Mounts mounts = Mounts.read(path);
    Optional<String> before =
        Files.exists(path) ? Optional.of(Files.readString(path)) : Optional.empty();
    ObjectNode root = mounts.root().deepCopy();
    if (root.isEmpty()) {
      root.putObject(Mounts.SERVERS);
    }
    return new MountFile(path, before, root);
  }

  /** Its whole path: a newcomer may be in another folder than he thinks. */
  Path place() {
    return path.toAbsolutePath().normalize();
  }

  private ObjectNode servers() {
    return (ObjectNode) root.get(Mounts.SERVERS);
  }

  List<String> names() {
    return List.copyOf(servers().propertyNames());
  }

  void add(String name, JsonNode server) throws Failure {
    if (servers().has(name)) {
      throw Failure.usage(
          "there is a mount %s already: choose another name, or `mcpist mount remove %s` first."
              .formatted(name, name));
    }
    servers().set(name, server);
  }

  void remove(String name) throws Failure {
    check(name);
    servers().remove(name);
  }

  /** Refuses a name that is not there. */
  void check(String name) throws Failure {
    if (names().isEmpty()) {
      throw Failure.usage(path + " has no mount.");
    }
    if (!servers().has(name)) {
      throw Failure.unknown("there is no mount", name, names());
    }
  }

  /** Checked as whoever reads it does. */
  Mounts mounts() {
    return Mounts.parse(path.toString(), text());
  }

  private String text() {
    return JsonMapper.shared().writer().with(LINES).writeValueAsString(root) + "\n";
  }

  void write() throws PairException {
    write(text());
  }

  /** As it was before. */
  void restore() throws PairException, IOException {
    if (before.isPresent()) {
      write(before.get());
    } else {
      Files.deleteIfExists(path);
    }
  }

  private void write(String text) throws PairException {
    var _ =
        WholeFile.<Integer, PairException>write(
            path,
            out -> {
              byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
              out.write(bytes);
              return bytes.length;
            });
  }
}
