package com.mcpist.pair.control;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What becomes of what is asked of an origin's platform: that which was asked for is not null.
 *
 * @param refusal why it is not done
 * @param releases in answer to "releases", the newest first
 * @param plan in answer to "plan"
 * @param rollout in answer to "deploy", "restore" and "redeploy"
 * @param calledOff in answer to "call-off"
 * @param secretNames in answer to "secrets"
 * @param secretChanges in answer to "put-secrets": CREATED, UPDATED or UNCHANGED by name
 */
public record HostingReply(
    @Nullable Refusal refusal,
    @Nullable List<HostedRelease> releases,
    @Nullable List<String> plan,
    @Nullable HostedRollout rollout,
    @Nullable Boolean calledOff,
    @Nullable List<String> secretNames,
    @Nullable Map<String, String> secretChanges) {
  /**
   * Why something is not done.
   *
   * @param kind as {@code com.mcpist.deploy.platform.PlatformException.Kind} names it
   * @param advice what to do, as a sentence
   */
  public record Refusal(String kind, String advice) {}

  public static HostingReply of(Refusal refusal) {
    return new HostingReply(refusal, null, null, null, null, null, null);
  }

  public static HostingReply releases(List<HostedRelease> releases) {
    return new HostingReply(null, releases, null, null, null, null, null);
  }

  public static HostingReply plan(List<String> plan) {
    return new HostingReply(null, null, plan, null, null, null, null);
  }

  public static HostingReply of(HostedRollout rollout) {
    return new HostingReply(null, null, null, rollout, null, null, null);
  }

  public static HostingReply calledOff(boolean done) {
    return new HostingReply(null, null, null, null, done, null, null);
  }

  public static HostingReply secretNames(List<String> names) {
    return new HostingReply(null, null, null, null, null, names, null);
  }

  public static HostingReply secretChanges(Map<String, String> changes) {
    return new HostingReply(null, null, null, null, null, null, changes);
  }
}
