package com.mcpist.edge.status;

import com.mcpist.edge.status.Language.Text;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.Locale;
import tools.jackson.databind.JsonNode;

/** The edge's own HTML, for what no origin renders. The results depend on the arguments alone. */
final class Documents {
  private static final String STYLE =
      "body{font:1rem/1.5 system-ui,sans-serif;max-width:40rem;margin:2rem auto;padding:0 1rem}"
          + "table{border-collapse:collapse;width:100%}"
          + "th,td{text-align:left;padding:.25rem .5rem;overflow-wrap:anywhere}"
          + "label,input,button{font:inherit}";

  /** The policy of these documents. An origin's documents have a policy of their own. */
  static final String POLICY =
      "default-src 'none'; style-src 'sha256-"
          + sha256(STYLE)
          + "'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

  private Documents() {}

  private static String sha256(String text) {
    try {
      byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
      return Base64.getEncoder().encodeToString(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every JDK has SHA-256", e);
    }
  }

  static String signIn(Language language, boolean wrong) {
    return document(
        language,
        "",
        """
        <h1>%s</h1>
        %s<form method="post" action="/status/sign-in">
        <p><label for="token">%s</label>
        <input id="token" name="token" type="password" autocomplete="current-password" required>
        <button>%s</button></p>
        </form>
        """
            .formatted(
                Text.TITLE.in(language),
                wrong ? "<p role=\"alert\">" + Text.WRONG.in(language) + "</p>\n" : "",
                Text.TOKEN.in(language),
                Text.SIGN_IN.in(language)));
  }

  /** Returns a whole document around {@code main}, which comes from {@link #nobody}. */
  static String reloading(Language language, String main) {
    return document(language, "<meta http-equiv=\"refresh\" content=\"5\">\n", main);
  }

  /**
   * Returns the inner HTML of the main element if no origin renders it. {@code edge} is what the
   * edge knows.
   */
  static String nobody(Language language, Text why, JsonNode edge) {
    StringBuilder rows = new StringBuilder();
    for (JsonNode origin : edge.path("origins")) {
      Text state = Text.valueOf(origin.path("state").asString().toUpperCase(Locale.ROOT));
      JsonNode last = origin.path("lastFailure");
      String at = escape(last.path("at").asString(""));
      String failure =
          last.isObject()
              ? "%s, <time datetime=\"%s\">%s</time>"
                  .formatted(escape(last.path("reason").asString("")), at, at)
              : "-";
      rows.append(
          "<tr><th scope=\"row\">%s</th><td>%s</td><td>%s</td></tr>\n"
              .formatted(escape(origin.path("name").asString()), state.in(language), failure));
    }
    return """
    <h1>%s</h1>
    <p>%s</p>
    <table>
    <caption>%s</caption>
    <tr><th scope="col">%s</th><th scope="col">%s</th><th scope="col">%s</th></tr>
    %s</table>
    """
        .formatted(
            why.in(language),
            Text.AGAIN.in(language),
            Text.ORIGINS.in(language),
            Text.ORIGIN.in(language),
            Text.STATE.in(language),
            Text.LAST_FAILURE.in(language),
            rows);
  }

  /** Returns the document that anybody may see. It is without the names of origins. */
  static String publicly(Language language, Text state) {
    return document(
        language,
        "",
        "<h1>%s</h1>\n<p>%s</p>\n".formatted(Text.TITLE.in(language), state.in(language)));
  }

  private static String document(Language language, String meta, String main) {
    return """
    <!doctype html>
    <html lang="%s">
    <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width">
    <meta name="color-scheme" content="light dark">
    %s<title>%s</title>
    <style>%s</style>
    </head>
    <body>
    <main>
    %s</main>
    </body>
    </html>
    """
        .formatted(language.tag(), meta, Text.TITLE.in(language), STYLE, main);
  }

  private static String escape(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;");
  }
}
