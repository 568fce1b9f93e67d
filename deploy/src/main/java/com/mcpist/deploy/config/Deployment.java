package com.mcpist.deploy.config;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.mcpist.deploy.config.Deployment.Cloudflare;
import com.mcpist.deploy.image.ImageReference;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import tools.jackson.databind.annotation.JsonDeserialize;
import tools.jackson.databind.util.StdConverter;

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

  /**
   * How an origin's health is asked for and judged.
   *
   * @param path what is asked of each origin, by GET
   * @param interval from one question to the next
   * @param timeout how long an answer may take
   * @param retries further attempts before a question counts as failed
   * @param consecutiveDown failed questions in a row that make an origin unhealthy
   * @param consecutiveUp good answers in a row that make it healthy
   * @param expectedBody what the answer's body must contain
   * @param expectedCode the answer's HTTP status
   */
  public record Monitor(
      String path,
      Duration interval,
      Duration timeout,
      int retries,
      int consecutiveDown,
      int consecutiveUp,
      String expectedBody,
      int expectedCode) {}

  /**
   * What there is on Cloudflare in front of the origins.
   *
   * @param account the account's id, 32 hexadecimal digits
   * @param worker the Worker's name
   * @param loadBalancer the load balancer's host name, where it is what chooses the origin
   */
  public record Cloudflare(String account, String worker, Optional<String> loadBalancer) {}

  /**
   * How much the edge lets through; 0 switches a limit off.
   *
   * @param addressPerMinute requests of one address
   * @param userPerSecond requests of one user, in the long run
   * @param userBurst requests of one user at once
   * @param trustedProxies blocks of addresses, as 10.0.0.0/8, whose X-Forwarded-For is believed by
   *     the edge that is not Cloudflare's
   */
  public record Limits(
      int addressPerMinute, int userPerSecond, int userBurst, List<String> trustedProxies) {
    /** What holds where the file says nothing. */
    public static final Limits DEFAULT = new Limits(1000, 5, 50, List.of());

    /** None, in as many words. */
    public static final Limits NONE = new Limits(0, 0, 0, List.of());

    /** The same where everybody is one user: what that one may do alone would be shared by all. */
    public Limits ofAddresses() {
      return new Limits(addressPerMinute, 0, userBurst, trustedProxies);
    }
  }

  /**
   * One origin.
   *
   * @param name lower-case letters, digits and hyphens
   * @param hosting who runs it in production
   * @param image the repository that its platform pulls from, where that is not the deployment's
   * @param url where it answers in production, without a path; a pair on one machine has its own
   * @param env environment variables that only this origin has; never a secret
   */
  public record Origin(
      String name,
      Hosting hosting,
      Optional<ImageReference> image,
      Optional<String> url,
      Map<String, String> env) {}

  /**
   * How the edge treats a call.
   *
   * @param failover what chooses the origin in production
   * @param waitLimit how long a call waits for an origin when none answers
   * @param connectTimeout how long a connection to an origin may take
   * @param idleTimeout how long an origin may send nothing before the attempt has failed
   * @param maxBodyBytes the largest request body, in bytes
   * @param holdDown how long an origin that failed must be well before it is preferred again;
   *     doubles with each failure
   * @param holdDownMax the longest such time
   */
  public record Edge(
      Failover failover,
      @JsonProperty("wait") Duration waitLimit,
      Duration connectTimeout,
      Duration idleTimeout,
      @JsonProperty("max_body") @JsonDeserialize(converter = Size.class) long maxBodyBytes,
      Replay replay,
      Duration holdDown,
      Duration holdDownMax) {

    /** What chooses the origin in production. */
    public enum Failover {
      /** The Worker itself. */
      WORKER,
      /** Cloudflare's load balancer, behind the Worker. */
      LOAD_BALANCER
    }

    /** Which calls may be sent again to the next origin. */
    public enum Replay {
      /** Every call: the origins keep MCPist's ledger, so that nothing happens twice. */
      ALL,
      /** Only what reads: the origins are not MCPist's own. */
      SAFE
    }

    /** Sizes as people write them: bytes, KiB or MiB, 1 B to 1 GiB. */
    static final class Size extends StdConverter<String, Long> {
      /**
       * @param text a number with its unit
       * @throws IllegalArgumentException when it is too small or too large
       */
      static long parse(String text) {
        long factor = text.endsWith("MiB") ? 1024 * 1024 : text.endsWith("KiB") ? 1024 : 1;
        long bytes = Long.parseLong(text.replaceFirst("[A-Za-z]+$", "")) * factor;
        if (bytes < 1 || bytes > 1 << 30) {
          throw new IllegalArgumentException();
        }
        return bytes;
      }

      @Override
      public Long convert(String text) {
        return parse(text);
      }
    }
  }

  /** Where a secret goes. */
  public enum SecretTarget {
    /** The Cloudflare Worker. */
    WORKER,
    /** Every origin. */
    ORIGINS,
    /** The workflows, and nowhere else. */
    CI
  }
}
