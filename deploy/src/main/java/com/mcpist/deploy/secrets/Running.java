package com.mcpist.deploy.secrets;

import com.mcpist.deploy.secret.Secret;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * What a program that runs has shown of its secrets.
 *
 * @param state whether it has answered
 * @param proofs by the secret's name; none for one that it has not
 * @param names of all that it has which are secrets by their names
 * @param problem why it has not answered, for a person; empty where it has
 */
record Running(
    State state, String nonce, Map<String, String> proofs, Set<String> names, String problem) {
  /** Whether it has answered. */
  enum State {
    ANSWERED,
    /** It does not know the gateway secret that was shown. */
    OTHER_GATEWAY_SECRET,
    /** It does not know the admin token that was shown, or has none. */
    OTHER_ADMIN_TOKEN,
    /** There was no answer, or none that tells anything. */
    SILENT
  }

  Running {
    proofs = Map.copyOf(proofs);
    names = Set.copyOf(names);
  }

  static Running not(State state, String problem) {
    return new Running(state, "", Map.of(), Set.of(), problem);
  }

  boolean answered() {
    return state == State.ANSWERED;
  }

  /** Whether it is known to have this value. */
  boolean runs(String name, Secret value) {
    String proof = proofs.get(name);
    return proof != null && Proof.same(proof, Proof.of(value, name, nonce));
  }

  /** Whether it is known to have any value. */
  boolean has(String name) {
    return proofs.containsKey(name);
  }

  /** The names of what it has besides these. */
  Set<String> besides(Set<String> known) {
    Set<String> more = new TreeSet<>(names);
    more.removeAll(known);
    return more;
  }
}
