package com.mcpist.cli.clients.memories;

import module java.base;

import com.mcpist.cli.console.Failure;
import com.mcpist.deploy.config.YamlDepth;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/**
 * Markdown, a memory a file: titled by its front matter, its first heading or its name, with the
 * tags of its front matter. Of a folder all files count but those whose path has a name that begins
 * with a dot. A symbolic link in the folder does not count: it could lead to any file of the user
 * who imports a folder of somebody else.
 */
record MarkdownFiles(Path path) implements MemorySource {
  private static final int MOST_BYTES = 16 * 1024 * 1024;

  private static final Pattern FRONT_MATTER =
      Pattern.compile(
          "\\A---[ \\t]*\\n(.*?)^(?:---|\\.\\.\\.)[ \\t]*(?:\\n|\\z)",
          Pattern.DOTALL | Pattern.MULTILINE);

  /** Without aliases for lists and maps, by which a short text could become a very long one. */
  private static final LoadSettings FRONT_MATTER_SETTINGS =
      LoadSettings.builder().setMaxAliasesForCollections(0).build();

  private static final Pattern HEADING = Pattern.compile("^#{1,6}[ \\t]+(.+)$", Pattern.MULTILINE);

  @Override
  public void read(Sink sink) throws IOException, Failure, InterruptedException {
    // The user named this path, so the links that lead to it are followed.
    Path root = path.toRealPath();
    List<Path> files;
    try (Stream<Path> all = Files.walk(root)) {
      files = all.filter(file -> counts(root, file)).sorted().toList();
    }
    for (Path file : files) {
      try {
        take(file, text(file), sink);
      } catch (CharacterCodingException _) {
        throw Failure.failed(file + " is not UTF-8");
      }
    }
  }

  private static String text(Path file) throws IOException, Failure {
    // The file may have become a link since it was found.
    try (InputStream in = Files.newInputStream(file, LinkOption.NOFOLLOW_LINKS)) {
      byte[] bytes = in.readNBytes(MOST_BYTES + 1);
      if (bytes.length > MOST_BYTES) {
        throw Failure.failed(
            file + " has more than 16 MiB. Split it, or move it out of what is imported");
      }
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    }
  }

  private static boolean counts(Path root, Path file) {
    Path below = root.relativize(file);
    return Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)
        && file.toString().matches("(?i).*\\.(md|markdown)")
        && StreamSupport.stream(below.spliterator(), false)
            .noneMatch(name -> name.toString().startsWith("."));
  }

  private static void take(Path file, String content, Sink sink)
      throws IOException, Failure, InterruptedException {
    String text = content.replace("\r\n", "\n").replaceFirst("\\A\uFEFF", "");
    Map<?, ?> front = Map.of();
    Matcher matter = FRONT_MATTER.matcher(text);
    if (matter.find()) {
      Optional<Map<?, ?>> read = frontMatter(matter.group(1));
      if (read.isPresent()) {
        front = read.get();
        text = text.substring(matter.end());
      }
    }
    Matcher heading = HEADING.matcher(text);
    String name = file.getFileName().toString().replaceFirst("\\.[^.]*$", "");
    String title = Objects.toString(front.get("title"), "");
    if (title.isBlank()) {
      String first = heading.find() ? withoutClosing(heading.group(1)) : "";
      title = first.isEmpty() ? name : first;
    }
    Instant changed = Files.getLastModifiedTime(file).toInstant().truncatedTo(ChronoUnit.MILLIS);
    Texts.take(sink, file.toString(), title, text, tags(front.get("tags")), changed);
  }

  /** Returns a heading's text without the number signs that may close it. */
  private static String withoutClosing(String heading) {
    String text = heading.strip();
    int end = text.length();
    while (end > 0 && text.charAt(end - 1) == '#') {
      end--;
    }
    return text.substring(0, end).strip();
  }

  /** Empty where it is none: a text may begin with a line, too. */
  private static Optional<Map<?, ?>> frontMatter(String yaml) {
    try {
      YamlDepth.check(FRONT_MATTER_SETTINGS, yaml);
      Object read = new Load(FRONT_MATTER_SETTINGS).loadFromString(yaml);
      return read instanceof Map<?, ?> map ? Optional.of(map) : Optional.empty();
    } catch (YamlEngineException _) {
      return Optional.empty();
    }
  }

  /** A list, or a text with commas or blanks between them, as `#one, two`. */
  private static List<String> tags(@Nullable Object tags) {
    Stream<String> all =
        tags instanceof Collection<?> list
            ? list.stream().map(String::valueOf)
            : Stream.of(Objects.toString(tags, "").split("[,\\s]+", -1));
    return all.map(tag -> tag.strip().replaceFirst("^#", "")).toList();
  }
}
