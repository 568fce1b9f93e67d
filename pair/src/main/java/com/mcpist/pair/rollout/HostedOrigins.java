package com.mcpist.pair.rollout;

import com.mcpist.deploy.image.ImageReference;
import com.mcpist.deploy.platform.PlatformException.Kind;
import com.mcpist.pair.control.HostingReply;
import com.mcpist.pair.control.Reply;
import com.mcpist.pair.control.Request;
import com.mcpist.pair.platform.LocalImages;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The origins of the pair as a platform runs them: answers what is asked of that. */
public final class HostedOrigins implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(HostedOrigins.class);
  private static final Set<String> COMMANDS =
      Set.of(
          "releases",
          "plan",
          "deploy",
          "restore",
          "redeploy",
          "call-off",
          "secrets",
          "put-secrets");

  private final List<HostedOrigin> origins;
  private final LocalImages images;

  /**
   * @param origins in the order in which the edge prefers them
   */
  public HostedOrigins(List<HostedOrigin> origins, LocalImages images) {
    this.origins = List.copyOf(origins);
    this.images = images;
  }

  /** All, in order. */
  public List<HostedOrigin> all() {
    return origins;
  }

  /** Whether a command is one of those that this answers. */
  public static boolean answers(String command) {
    return COMMANDS.contains(command);
  }

  /** Answers one of them. */
  public Reply answer(Request request) throws InterruptedException {
    String name = Optional.ofNullable(request.origin()).orElse("");
    Optional<HostedOrigin> origin = origins.stream().filter(o -> o.name().equals(name)).findFirst();
    try {
      if (origin.isEmpty()) {
        throw new RefusedException(
            Kind.NOT_FOUND,
            "this pair has no origin \"" + name + "\"",
            "It has " + origins.stream().map(HostedOrigin::name).collect(Collectors.joining(", ")));
      }
      return Reply.of(answer(origin.get(), request));
    } catch (RefusedException e) {
      return Reply.refused(
          String.valueOf(e.getMessage()), new HostingReply.Refusal(e.kind().name(), e.advice()));
    }
  }

  private HostingReply answer(HostedOrigin origin, Request request)
      throws RefusedException, InterruptedException {
    String release = Optional.ofNullable(request.release()).orElse("");
    return switch (request.command()) {
      case "plan" -> HostingReply.plan(origin.plan(image(request), env(request)));
      case "deploy" -> {
        HostingReply begun = HostingReply.of(origin.deploy(image(request), env(request)));
        prune();
        yield begun;
      }
      case "restore" -> HostingReply.of(origin.restore(release));
      case "redeploy" -> HostingReply.of(origin.redeploy());
      case "call-off" -> HostingReply.calledOff(origin.callOff(release));
      case "secrets" -> HostingReply.secretNames(List.copyOf(origin.secretNames()));
      case "put-secrets" -> HostingReply.secretChanges(put(origin, request));
      default -> HostingReply.releases(origin.releases());
    };
  }

  private static Map<String, String> put(HostedOrigin origin, Request request)
      throws RefusedException {
    Map<String, String> values = Optional.ofNullable(request.secrets()).orElse(Map.of());
    Map<String, String> changes = new TreeMap<>();
    origin.putSecrets(values).forEach((name, change) -> changes.put(name, change.name()));
    return changes;
  }

  private static ImageReference image(Request request) throws RefusedException {
    try {
      return ImageReference.parse(Optional.ofNullable(request.image()).orElse(""));
    } catch (IllegalArgumentException e) {
      throw new RefusedException(Kind.REJECTED, String.valueOf(e.getMessage()), "Correct it");
    }
  }

  private static Map<String, String> env(Request request) throws RefusedException {
    Map<String, String> env = Optional.ofNullable(request.env()).orElse(Map.of());
    for (String name : env.keySet()) {
      if (HostedOrigin.RESERVED.contains(name)) {
        throw new RefusedException(
            Kind.REJECTED, name + " is set by whoever runs the origin", "Leave it out");
      }
    }
    return env;
  }

  /** Deletes images that neither run nor have run here, but for the newest. */
  public void prune() {
    try {
      images.prune(
          origins.stream()
              .flatMap(origin -> origin.digests().stream())
              .collect(Collectors.toSet()));
    } catch (IOException e) {
      LOG.warn("Old images stay: {}", e.toString());
    }
  }

  @Override
  public void close() {
    origins.forEach(HostedOrigin::close);
  }
}
