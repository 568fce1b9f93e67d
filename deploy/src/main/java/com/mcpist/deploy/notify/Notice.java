package com.mcpist.deploy.notify;

import java.net.URI;
import java.util.Optional;

/** What people are told. None of it may be a secret. */
public sealed interface Notice {
  /** The name of the whole, as in mcpist.yml. */
  String service();

  /**
   * Something has failed.
   *
   * @param check which check, as {@code health with the secret}
   * @param origin where, when it is one origin's
   * @param problem what was expected and what was seen
   * @param advice what to do now
   * @param details where more is to be read
   */
  record Failure(
      String service,
      String check,
      Optional<String> origin,
      String problem,
      String advice,
      Optional<URI> details)
      implements Notice {}

  /**
   * It is well again.
   *
   * @param check which check had failed
   * @param origin where, when it was one origin's
   * @param state how it is now, as {@code both origins run 1.4}
   */
  record Recovery(String service, String check, Optional<String> origin, String state)
      implements Notice {}

  /** As it is shown. Slack gives &amp;, &lt; and &gt; a meaning, so they are written otherwise. */
  default String text() {
    return switch (this) {
      case Failure failure ->
          ":x: *%s*: %s%s failed\n%s\n*What to do:* %s%s"
              .formatted(
                  escaped(service()),
                  escaped(failure.check()),
                  of(failure.origin()),
                  escaped(failure.problem()),
                  escaped(failure.advice()),
                  failure.details().map(uri -> "\n<" + uri + "|More>").orElse(""));
      case Recovery recovery ->
          ":white_check_mark: *%s*: %s%s is well again\n%s"
              .formatted(
                  escaped(service()),
                  escaped(recovery.check()),
                  of(recovery.origin()),
                  escaped(recovery.state()));
    };
  }

  private static String of(Optional<String> origin) {
    return origin.map(name -> " of " + escaped(name)).orElse("");
  }

  private static String escaped(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
  }
}
