package com.mcpist.cli;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Map;

/** Who calls a command, for others who want to do the same at the same time. */
final class Who {
  private Who() {}

  /** The person and the machine, or the workflow's run. */
  static String here() {
    return of(System.getenv());
  }

  static String of(Map<String, String> environment) {
    String repository = environment.get("GITHUB_REPOSITORY");
    String run = environment.get("GITHUB_RUN_ID");
    if (repository != null && run != null) {
      String actor = environment.getOrDefault("GITHUB_ACTOR", "somebody");
      return actor + " by a workflow (" + repository + ", run " + run + ")";
    }
    return System.getProperty("user.name", "somebody") + " on " + host();
  }

  private static String host() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException _) {
      return "an unknown machine";
    }
  }
}
