package com.mcpist.cli.clients.memories;

import module java.base;

import com.mcpist.cli.clients.memories.MemorySource.Sink;
import com.mcpist.cli.console.Failure;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Makes memories of texts that have other limits, in Unicode characters. */
final class Texts {
  private static final int LONGEST_TITLE = 200;
  private static final int LONGEST_TEXT = 20_000;
  private static final int LONGEST_TAG = 50;
  private static final int MOST_TAGS = 20;

  private Texts() {}

  /** A text that is too long becomes several memories, cut where a line ends. */
  static void take(
      Sink sink, String place, String title, String text, List<String> tags, @Nullable Instant time)
      throws Failure, InterruptedException {
    List<String> parts = parts(text.replace("\u0000", "").strip());
    for (int i = 0; i < parts.size(); i++) {
      String of = parts.size() == 1 ? "" : " (" + (i + 1) + "/" + parts.size() + ")";
      ObjectNode memory = JsonMapper.shared().createObjectNode();
      memory.put("title", cut(title.strip(), LONGEST_TITLE - of.length()) + of);
      memory.put("text", parts.get(i));
      tags.stream()
          .map(tag -> cut(tag.strip(), LONGEST_TAG))
          .filter(tag -> !tag.isEmpty())
          .distinct()
          .limit(MOST_TAGS)
          .forEach(memory.putArray("tags")::add);
      if (time != null) {
        memory.put("createdAt", time.toString());
      }
      sink.take(place, memory);
    }
  }

  private static List<String> parts(String text) {
    List<String> parts = new ArrayList<>();
    String rest = text;
    while (rest.codePointCount(0, rest.length()) > LONGEST_TEXT) {
      int most = rest.offsetByCodePoints(0, LONGEST_TEXT);
      int end = rest.lastIndexOf("\n\n", most);
      end = end < most / 2 ? rest.lastIndexOf('\n', most) : end;
      end = end < most / 2 ? most : end;
      parts.add(rest.substring(0, end).strip());
      rest = rest.substring(end).strip();
    }
    parts.add(rest);
    parts.removeIf(String::isBlank);
    return parts;
  }

  private static String cut(String text, int longest) {
    return text.codePointCount(0, text.length()) <= longest
        ? text
        : text.substring(0, text.offsetByCodePoints(0, longest - 1)).strip() + "…";
  }
}
