package com.mcpist.origin.status;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.Objects;

/** A whole HTML document, which loads nothing: its style and its script are in it. */
final class Document {
  private static final Html STYLE = new Html(resource("status.css"));
  private static final Html SCRIPT = new Html(resource("status.js"));

  /** Allows what is in the document, and requests to the edge that shows it. */
  static final String POLICY =
      ("default-src 'none'; style-src %s; script-src %s; connect-src 'self'; form-action 'self';"
              + " img-src data:; base-uri 'none'; frame-ancestors 'none'")
          .formatted(hash(STYLE), hash(SCRIPT));

  private Document() {}

  /** One that changes as the edge tells it. The attributes are the root element's. */
  static Html live(Texts texts, Html attributes, Html body) {
    return document(texts, attributes, body, Html.of("<script>%s</script>", SCRIPT));
  }

  static Html still(Texts texts, Html body) {
    return document(texts, Html.NONE, body, Html.NONE);
  }

  private static Html document(Texts texts, Html attributes, Html body, Html script) {
    return Html.of(
        """
        <!doctype html>
        <html lang="%s"%s>
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>%s</title>
        <link rel="icon" href="data:,">
        <style>%s</style>
        </head>
        <body>
        %s
        %s
        </body>
        </html>
        """,
        texts.language(), attributes, texts.of("title"), STYLE, body, script);
  }

  private static String resource(String name) {
    try (InputStream file = Objects.requireNonNull(Document.class.getResourceAsStream(name))) {
      return new String(file.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String hash(Html inline) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256")
              .digest(inline.text().getBytes(StandardCharsets.UTF_8));
      return "'sha256-" + Base64.getEncoder().encodeToString(digest) + "'";
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("The JDK has no SHA-256", e);
    }
  }
}
