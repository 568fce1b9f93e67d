package com.mcpist.deploy.release;

import com.mcpist.deploy.admin.ReleaseRecord;
import com.mcpist.deploy.platform.Release;
import java.time.Duration;
import java.util.Locale;

/**
 * What has become of one origin.
 *
 * @param before what it ran before
 * @param beforeDigest the image of that; empty when it is not known
 * @param detail why, where it failed; else empty
 * @param took how long it was changed
 */
record Rolled(
    String origin,
    Result result,
    Release before,
    String beforeDigest,
    String detail,
    Duration took) {

  enum Result {
    /** It has the release and is healthy. */
    DEPLOYED,
    /** It had it. */
    UNCHANGED,
    /** It may have it, and is not healthy with it. */
    FAILED,
    /** Nothing has been done with it. */
    UNTOUCHED,
    /** It has what it had before. */
    RETURNED,
    /** It should have what it had before, and has not. */
    STUCK;

    String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** One that has the release already. */
  static Rolled unchanged(String origin, Looked.Change change) {
    return new Rolled(
        origin, Result.UNCHANGED, change.before(), change.digest(), "", Duration.ZERO);
  }

  /** The same, where it is known better what it had. */
  Rolled withBefore(Release known, String digest) {
    return new Rolled(origin, result, known, digest, detail, took);
  }

  /** Whether it is as it should be. */
  boolean good() {
    return result == Result.DEPLOYED || result == Result.UNCHANGED;
  }

  /** The same with another end; what had failed before stays told. */
  Rolled then(Result end, String why, Duration more) {
    String told = detail.isEmpty() || why.isEmpty() ? detail + why : detail + "; " + why;
    return new Rolled(origin, end, before, beforeDigest, told, took.plus(more));
  }

  ReleaseRecord.Part part() {
    return new ReleaseRecord.Part(origin, result.word(), beforeDigest, detail);
  }

  Outcome.Part outcome() {
    return new Outcome.Part(origin, result.word(), beforeDigest, detail, took.toMillis() / 1000.0);
  }
}
