package com.mcpist.e2e.history;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * One logical call. However often its client sends it, its arguments are the same, and tell it from
 * every other call.
 *
 * @param id an argument of the call, or a part of one
 * @param user the number of the script that makes the call
 * @param holdMillis how long the server takes to answer after its effect; for {@link Target#SAVE}
 *     how long the database takes
 * @param bytes how long the text of the answer is at least
 * @param version what {@code set} sets the user's register to; 0 for all other tools
 * @param deadly whether the server kills the origin that sends it the call
 * @param key the client's own key; empty for none
 */
record Call(
    String id,
    int user,
    Target target,
    int holdMillis,
    int bytes,
    int version,
    boolean deadly,
    String key) {

  static Call of(String id, int user, Target target, int holdMillis) {
    return new Call(id, user, target, holdMillis, 0, 0, false, "");
  }

  Call withBytes(int length) {
    return new Call(id, user, target, holdMillis, length, version, deadly, key);
  }

  Call withVersion(int number) {
    return new Call(id, user, target, holdMillis, bytes, number, deadly, key);
  }

  Call withKey(String own) {
    return new Call(id, user, target, holdMillis, bytes, version, deadly, own);
  }

  Call thatKills() {
    return new Call(id, user, target, holdMillis, bytes, version, true, key);
  }

  /** The same key with arguments of another call. */
  Call withOtherArguments() {
    return new Call(id + OTHER, user, target, holdMillis, bytes, version, deadly, key);
  }

  /** Ends the id of a call that has another one's key and must be refused. */
  static final String OTHER = "-with-other-arguments";

  /** Whether it has another call's key. */
  boolean hasOthersKey() {
    return id.endsWith(OTHER);
  }

  /** What the client sends, but for {@link Target#DELETE}, whose argument the database makes. */
  Map<String, Object> arguments() {
    Map<String, Object> all = new LinkedHashMap<>();
    if (target.equals(Target.SAVE)) {
      all.put("title", "History " + id + " takes " + holdMillis + " ms");
      all.put("text", "Saved by the call " + id);
    } else if (target.equals(Target.SEARCH)) {
      all.put("query", "History " + id);
    } else {
      all.put("id", id);
      all.put("hold", holdMillis);
      all.put("bytes", bytes);
      all.put("register", "register of user " + user);
      all.put("version", version);
      all.put("deadly", deadly);
    }
    return all;
  }
}
