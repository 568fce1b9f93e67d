package com.mcpist.origin.status;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/** HTML in which all text that is not the page's own has been escaped. */
record Html(String text) {
  static final Html NONE = new Html("");

  /**
   * The template with a value in the place of each {@code %s}: HTML as it is, a list part by part,
   * and all else escaped.
   */
  static Html of(String template, Object... values) {
    return new Html(template.formatted(Arrays.stream(values).map(Html::escaped).toArray()));
  }

  /** For an element's content, and for an attribute in double quotes. */
  static String escaped(Object value) {
    return switch (value) {
      case Html html -> html.text;
      case List<?> all -> all.stream().map(Html::escaped).collect(Collectors.joining());
      default ->
          value
              .toString()
              .replace("&", "&amp;")
              .replace("<", "&lt;")
              .replace(">", "&gt;")
              .replace("\"", "&quot;")
              .replace("'", "&#39;");
    };
  }

  /** A name that somebody chose: its letters may run from right to left, the sentence does not. */
  static Html name(String name) {
    return of("<bdi>%s</bdi>", name);
  }

  /** What programs say is in English, whatever the page's language. */
  static Html english(String message) {
    return of("<span lang=\"en\">%s</span>", message);
  }

  /** Says how good something is by a sign, and by a colour beside it. */
  static Html mark(String level, Html text) {
    String sign =
        switch (level) {
          case "ok" -> "✓";
          case "warn" -> "!";
          case "bad" -> "✕";
          default -> "–";
        };
    return Html.of(
        "<span class=\"mark %s\"><span class=\"sign\" aria-hidden=\"true\">%s</span> %s</span>",
        level, sign, text);
  }
}
