package com.mcpist.deploy.secrets;

import com.mcpist.deploy.secret.Secret;

/** Where a holder is in a rotation, by what it has shown. */
enum Standing {
  /** It has the old value. */
  OLD,
  /** It knows both. */
  BOTH,
  /** It has the new one. */
  NEW,
  /** It has none of these, or did not tell. */
  OTHER;

  /**
   * By its answer.
   *
   * @param old the source's value
   * @param next the one to come
   */
  static Standing of(Running running, String name, Secret old, Secret next) {
    if (running.runs(name, next)) {
      return NEW;
    }
    if (running.runs(name, both(old, next))) {
      return BOTH;
    }
    return running.runs(name, old) ? OLD : OTHER;
  }

  /** As a program is told two values: the old one first. */
  static Secret both(Secret old, Secret next) {
    return Secret.of(old.reveal() + "," + next.reveal());
  }
}
