package com.mcpist.pair.supervisor;

import com.mcpist.deploy.config.Deployment;
import com.mcpist.deploy.edgeclient.Guard;
import java.nio.file.Path;
import java.util.Map;

/**
 * What a supervisor runs.
 *
 * @param app the folder of the programs origin and edge
 * @param data the data folder
 * @param port where the edge listens; 0: one that is free
 * @param release what the origins call their release
 * @param guard whom the edge lets in
 * @param environment the caller's, of which the origins get what is theirs
 * @param links what stands between the programs
 */
public record PairOptions(
    Path app,
    Path data,
    int port,
    String release,
    Deployment deployment,
    Guard guard,
    Map<String, String> environment,
    Links links) {
  public PairOptions {
    environment = Map.copyOf(environment);
  }
}
