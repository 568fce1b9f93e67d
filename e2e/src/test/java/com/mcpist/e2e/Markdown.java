package com.mcpist.e2e;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A page of the documentation, as GitHub shows it.
 *
 * @param sections from one heading to the next, in order
 * @param code code blocks, whose lines end in line feeds, and inline code, in order
 */
record Markdown(List<Section> sections, List<String> code) {

  /**
   * A heading, and what stands below it.
   *
   * @param level 1 to 6
   * @param title without Markdown's signs
   * @param lines without those of code blocks
   */
  record Section(int level, String title, List<String> lines) {

    /** The rows of its tables without their heads, each as its cells. */
    List<List<String>> rows() {
      List<List<String>> rows = new ArrayList<>();
      boolean body = false;
      for (String line : lines) {
        boolean rule = line.startsWith("|---");
        body = line.startsWith("|") && (body || rule);
        if (body && !rule) {
          rows.add(Stream.of(line.split("\\|")).skip(1).map(String::strip).toList());
        }
      }
      return rows;
    }
  }

  /**
   * A link.
   *
   * @param target a relative path, or an address with its scheme; empty: the page itself
   * @param anchor empty: none
   */
  record Link(String target, String anchor) {}

  private static final Pattern FENCE = Pattern.compile(" *```.*");
  private static final Pattern CODE = Pattern.compile("`([^`]+)`");
  private static final Pattern HEADING = Pattern.compile("(#{1,6}) +(.*)");
  private static final Pattern LINK =
      Pattern.compile("\\[([^\\[\\]]*)]\\(([^)#\\s]*)#?([^)\\s]*)\\)");
  private static final Pattern NOT_IN_ANCHORS =
      Pattern.compile("[^\\p{L}\\p{M}\\p{Nd}\\p{Pc}\\- ]");

  static Markdown read(Path page) throws IOException {
    return of(Files.readString(page));
  }

  static Markdown of(String text) {
    List<Section> sections = new ArrayList<>();
    List<String> code = new ArrayList<>();
    StringBuilder block = new StringBuilder();
    boolean inBlock = false;
    for (String line : text.lines().toList()) {
      Matcher heading = HEADING.matcher(line);
      if (FENCE.matcher(line).matches()) {
        if (inBlock) {
          code.add(block.toString());
        }
        block.setLength(0);
        inBlock = !inBlock;
      } else if (inBlock) {
        block.append(line.strip()).append('\n');
      } else if (heading.matches()) {
        sections.add(
            new Section(heading.group(1).length(), shown(heading.group(2)), new ArrayList<>()));
      } else if (!sections.isEmpty()) {
        sections.getLast().lines().add(line);
        CODE.matcher(line).results().map(r -> r.group(1)).forEach(code::add);
      }
    }
    return new Markdown(sections, code);
  }

  private static String shown(String heading) {
    return LINK.matcher(heading).replaceAll("$1").replace("`", "").strip();
  }

  /** What a link may have behind its #, one for each heading. */
  List<String> anchors() {
    List<String> anchors = new ArrayList<>();
    for (Section section : sections) {
      String first = anchor(section.title());
      String anchor = first;
      for (int n = 1; anchors.contains(anchor); n++) {
        anchor = first + "-" + n;
      }
      anchors.add(anchor);
    }
    return anchors;
  }

  // GitHub's rule.
  private static String anchor(String heading) {
    String lower = heading.toLowerCase(Locale.ROOT);
    return NOT_IN_ANCHORS.matcher(lower).replaceAll("").replace(' ', '-');
  }

  List<Link> links() {
    return sections.stream()
        .flatMap(s -> s.lines().stream())
        .flatMap(l -> links(l).stream())
        .toList();
  }

  /** The links in a piece of a page. What stands in inline code is none. */
  static List<Link> links(String text) {
    return LINK.matcher(CODE.matcher(text).replaceAll("code"))
        .results()
        .map(r -> new Link(r.group(2), r.group(3)))
        .toList();
  }
}
