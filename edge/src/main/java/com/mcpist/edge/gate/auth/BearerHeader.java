package com.mcpist.edge.gate.auth;

import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The Authorization header of a request, as RFC 6750 has it. Pure. */
final class BearerHeader {
  static final int MAX_TOKEN = 8 * 1024;
  private static final Pattern SCHEME =
      Pattern.compile("(?:^|,[ \t]*)Bearer\\b", Pattern.CASE_INSENSITIVE);
  private static final Pattern FORM =
      Pattern.compile("Bearer +([A-Za-z0-9._~+/-]+=*)", Pattern.CASE_INSENSITIVE);

  private BearerHeader() {}

  /**
   * Whether it is not there, or of a scheme that is nothing here, which is the same. Two headers
   * are as one with a comma, as another edge has them.
   */
  static boolean isNone(List<String> values) {
    return !SCHEME.matcher(String.join(", ", values)).find();
  }

  /** The token; empty where the header is there twice, or is none of this form. */
  static Optional<String> token(List<String> values) {
    if (values.size() != 1) {
      return Optional.empty();
    }
    Matcher matcher = FORM.matcher(values.getFirst());
    return matcher.matches() ? Optional.of(matcher.group(1)) : Optional.empty();
  }
}
