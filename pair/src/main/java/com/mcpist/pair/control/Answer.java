package com.mcpist.pair.control;

import com.mcpist.deploy.platform.PlatformException.Kind;
import java.util.Locale;
import java.util.Optional;

public sealed interface Answer<T> {
  record Done<T>(T value) implements Answer<T> {}

  /** NOT_FOUND: the caller named what is not there. The advice is a sentence, or empty. */
  record Refused<T>(Kind kind, String problem, String advice) implements Answer<T> {
    public String told() {
      return advice.isEmpty()
          ? problem
          : problem + ": " + advice.substring(0, 1).toLowerCase(Locale.ROOT) + advice.substring(1);
    }
  }

  /** Nobody listens, or the answer broke off; one plain sentence says why. */
  record Unknown<T>(String why) implements Answer<T> {}

  default Optional<T> ifDone() {
    return this instanceof Done<T>(T value) ? Optional.of(value) : Optional.empty();
  }
}
