package com.mcpist.drill;

import com.mcpist.deploy.config.Deployment;
import java.nio.file.Path;
import java.util.Map;

/**
 * How a throw-away pair is made.
 *
 * @param app the folder of the programs origin and edge
 * @param release what the origins call their release
 * @param environment the caller's
 */
public record Blueprint(
    Path app, String release, Deployment deployment, Map<String, String> environment) {
  public Blueprint {
    environment = Map.copyOf(environment);
  }
}
