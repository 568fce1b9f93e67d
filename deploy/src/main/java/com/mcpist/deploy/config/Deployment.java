package com.mcpist.deploy.config;

import com.mcpist.deploy.image.ImageReference;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * What mcpist.yml describes: which origins there are, in the order in which the edge prefers them,
 * how their health is judged, how the edge behaves, and which secrets go where.
 *
 * @param service the name of the whole, as platforms show it
 * @param domain the host name that clients connect to in production
 * @param image the image that the origins run; its tag is what is deployed when nothing else is
 *     asked for
 * @param origins in order of preference, one at least, each with a name of its own
 * @param auth whom the edge lets in; empty: as is usual where it runs
 * @param limits how much it lets through; empty: as is usual with that auth
 * @param cloudflare what is in front of them on Cloudflare; empty where the edge is another
 * @param secrets the names of the secrets, and where each goes
 */
public record Deployment(
    String service,
    Optional<String> domain,
    Optional<ImageReference> image,
    List<Origin> origins,
    Monitor monitor,
    Edge edge,
    Optional<Auth> auth,
    Optional<Limits> limits,
    Optional<Cloudflare> cloudflare,
    Map<String, Set<SecretTarget>> secrets,
    Notifications notifications) {
  /** As given. */
  public Deployment {
    origins = List.copyOf(origins);
    secrets = Map.copyOf(secrets);
  }

  /** The names of the origins, in order. */
  public List<String> originNames() {
    return origins.stream().map(Origin::name).toList();
  }

  /** Whom the edge lets in that anybody can reach: nobody without a key, where nothing is said. */
  public Auth authInProduction() {
    return auth.orElse(Auth.KEYS);
  }

  /** Whom the edge of a pair lets in that only this machine can reach. */
  public Auth authOnThisMachine() {
    return auth.orElse(new Auth.None());
  }

  /** The names of the secrets that go there, in alphabetical order. */
  public Set<String> secretsFor(SecretTarget target) {
    return secrets.entrySet().stream()
        .filter(secret -> secret.getValue().contains(target))
        .map(Map.Entry::getKey)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  /**
   * Who hears of a failure and of a recovery.
   *
   * @param webhook the name of the environment variable with the address of a Slack-compatible
   *     webhook; the address is a secret
   */
  public record Notifications(Optional<String> webhook) {}
}
