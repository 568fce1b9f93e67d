package com.mcpist.deploy.secrets;

import java.util.Locale;

/**
 * A step of a rotation.
 *
 * @param holder where; empty where it is about no place
 * @param done whether an earlier run of the same rotation has done it
 */
public record Step(Action action, String holder, boolean done) {
  /** What is done. In this order no call is refused, wherever it is broken off. */
  public enum Action {
    /** A new value is made, and kept by the source beside the one that it is to replace. */
    MAKE,
    /** Whoever is asked with it knows the old and the new one. */
    ACCEPT,
    /** Whoever uses it uses the new one. */
    USE,
    /** Calls go through with the new one. */
    VERIFY,
    /** The source's own value becomes the new one. */
    PROMOTE,
    /** What still uses the old one comes to its end. */
    SETTLE,
    /** Whoever is asked with it knows the new one alone. */
    RETIRE,
    /** Calls go through, and the old one lets nobody in. */
    CONFIRM,
    /** The source forgets that there was a value to come. */
    FORGET;

    /** As a program reads it. */
    public String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** For a person. */
  public String told(String secret, String source) {
    return switch (action) {
      case MAKE -> "Making a new " + secret + ", kept by " + source + " as " + Source.next(secret);
      case ACCEPT -> "Letting " + holder + " accept the old and the new one";
      case USE -> "Letting " + holder + " use the new one";
      case VERIFY -> "Verifying the new one";
      case PROMOTE -> "Making it " + source + "'s " + secret;
      case SETTLE -> "Waiting for what " + holder + " has begun with the old one";
      case RETIRE -> "Letting " + holder + " accept the new one alone";
      case CONFIRM -> "Confirming that the old one lets nobody in";
      case FORGET -> "Deleting " + source + "'s " + Source.next(secret);
    };
  }
}
