package com.mcpist.deploy.config;

import java.util.List;

/**
 * What mcpist.yml describes: which origins there are, in the order in which the edge prefers them,
 * how their health is judged, and how the edge behaves.
 *
 * @param service the name of the whole, as platforms show it
 * @param origins in order of preference, one at least, each with a name of its own
 */
public record Deployment(String service, List<Origin> origins, Monitor monitor, Edge edge) {
  public Deployment {
    origins = List.copyOf(origins);
  }

  /** The names of the origins, in order. */
  public List<String> originNames() {
    return origins.stream().map(Origin::name).toList();
  }
}
