package com.mcpist.deploy.release;

import com.mcpist.deploy.image.ImageReference;
import com.mcpist.deploy.originclient.OriginClient;
import com.mcpist.deploy.platform.Platform;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * An origin, as it is deployed to.
 *
 * @param overlaps whether its platform starts a new instance before it stops the old one, so that
 *     it serves all the while
 * @param platform who runs it; empty where it is only asked for its health
 * @param repository where its platform pulls from, where that is another than the deployment's
 */
public record Target(
    String name,
    boolean overlaps,
    Optional<Platform> platform,
    OriginClient client,
    Optional<ImageReference> repository,
    Map<String, String> env) {

  /**
   * Who runs it.
   *
   * @throws IllegalStateException where it is only asked for its health
   */
  Platform runner() {
    return platform.orElseThrow(() -> new IllegalStateException(name + " is not deployed to"));
  }

  /** Its variables with a release: by them it tells which one it is. */
  Map<String, String> wantedEnv(String release, String digest) {
    Map<String, String> wanted = new TreeMap<>(env);
    wanted.put("RELEASE", release);
    wanted.put("IMAGE_DIGEST", digest);
    return wanted;
  }

  /** An image, from where its platform pulls it. */
  public ImageReference pulled(ImageReference image) {
    return repository.map(image::in).orElse(image);
  }
}
