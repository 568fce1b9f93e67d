package com.mcpist.deploy.platform.cloudflare;

import com.mcpist.deploy.platform.PlatformException;
import com.mcpist.deploy.platform.VendorCalls;
import com.mcpist.deploy.time.Deadline;
import java.util.Optional;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Whether Cloudflare keeps the Worker's logs. That is no version's: uploads do not say it, and a
 * rollback does not take it back.
 */
record WorkerObservability(WorkersApi api, boolean enabled) {
  private static final String FIELD = "observability";

  /**
   * What is to be sent; empty where it is so already. What else somebody has set of it, how much is
   * kept say, stays.
   */
  Optional<ObjectNode> change(Deadline deadline) throws PlatformException, InterruptedException {
    ObjectNode now = VendorCalls.object(api.settings(deadline).path(FIELD));
    if (now.path("enabled").asBoolean(false) == enabled) {
      return Optional.empty();
    }
    ObjectNode change = JsonMapper.shared().createObjectNode();
    change.set(FIELD, now.deepCopy().put("enabled", enabled));
    return Optional.of(change);
  }

  /**
   * Makes it so.
   *
   * @return whether it was otherwise
   */
  boolean apply(Deadline deadline) throws PlatformException, InterruptedException {
    Optional<ObjectNode> change = change(deadline);
    if (change.isPresent()) {
      api.change(change.get(), deadline);
    }
    return change.isPresent();
  }

  /** The call that {@link #apply} makes, as a person reads it. */
  String told() {
    return "PATCH "
        + api.path()
        + WorkersApi.SETTINGS
        + ": logs are "
        + (enabled ? "kept" : "not kept");
  }
}
