package com.mcpist.pair.supervisor;

import com.mcpist.pair.process.JvmProgram;
import com.mcpist.pair.process.JvmProgram.ClassArchive;
import com.mcpist.pair.supervisor.ReleaseHistory.OriginRelease;
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
 */
record OriginBlueprint(
    String name,
    OriginRelease first,
    Map<String, String> inherited,
    Map<String, String> hosted,
    Map<String, String> secrets,
    URI url,
    String healthPath,
    Duration readyLimit,
    Duration stopLimit,
    Path cache,
    HttpClient client) {
  /** The program of a release. */
  JvmProgram program(OriginRelease release) {
    Map<String, String> environment = new HashMap<>(inherited);
    environment.putAll(release.env());
    environment.putAll(hosted);
    environment.putAll(release.secrets());
    return new JvmProgram(
        name,
        release.stored().folder(),
        "com.mcpist.origin.Main",
        ClassArchive.of(cache, release.digest()),
        environment,
        url.resolve(healthPath),
        stopLimit,
        client);
  }

  /** Never the variables: some are secrets. */
  @Override
  public String toString() {
    return "OriginBlueprint[" + name + " at " + url + "]";
  }
}
