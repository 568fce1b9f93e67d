package com.mcpist.pair.rollout;

import com.mcpist.pair.data.PairException;
import com.mcpist.pair.process.JvmProgram;
import com.mcpist.pair.startup.AotCache;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/**
 * What all processes of an origin have in common, whichever release they are of.
 *
 * @param inherited variables of its machine, which a release may set otherwise
 * @param hosted variables that the supervisor sets, which no release can
 * @param secrets those of all these that are secrets
 * @param url where it answers
 * @param healthPath what is asked of it there
 * @param shared whether two of its processes can listen at once
 * @param stopLimit how long one may take to end when the pair stops
 * @param records the folder where processes are on record
 * @param cache where what can be made again is
 */
public record OriginBlueprint(
    String name,
    Map<String, String> inherited,
    Map<String, String> hosted,
    Map<String, String> secrets,
    URI url,
    String healthPath,
    boolean shared,
    Duration stopLimit,
    Path records,
    Path cache,
    HttpClient client) {
  private static final String MAIN = "com.mcpist.origin.Main";

  /** As given. */
  public OriginBlueprint {
    inherited = Map.copyOf(inherited);
    hosted = Map.copyOf(hosted);
    secrets = Map.copyOf(secrets);
  }

  /**
   * The program of a release, without the secrets that are stored for it and without INSTANCE.
   *
   * @throws PairException where the release's folder cannot be read
   */
  public JvmProgram program(OriginRelease release) throws PairException {
    Map<String, String> environment = new HashMap<>(inherited);
    environment.putAll(release.env());
    environment.putAll(hosted);
    AotCache aot = AotCache.of(cache, "origin", release.folder());
    return new JvmProgram(
        name,
        release.folder(),
        MAIN,
        environment,
        url.resolve(healthPath),
        stopLimit,
        records,
        aot::flags,
        client);
  }

  /** Never the variables: some are secrets. */
  @Override
  public String toString() {
    return "OriginBlueprint[" + name + " at " + url + "]";
  }
}
