package com.mcpist.pair;

import module java.base;

import com.mcpist.deploy.platform.PlatformException;
import com.mcpist.deploy.platform.PlatformException.Kind;
import com.mcpist.deploy.platform.SecretStore;
import com.mcpist.deploy.release.DeployException;
import com.mcpist.deploy.secret.Secret;
import com.mcpist.deploy.secrets.Source;
import com.mcpist.deploy.secrets.Source.SourceWriter;
import com.mcpist.deploy.time.Deadline;
import com.mcpist.pair.control.ControlSocket.Answer;
import com.mcpist.pair.control.ControlSocket.Request;
import com.mcpist.pair.data.PairException;

/** The supervisor of the pair on this machine, as the source of its secrets. */
public record PairSecrets(LocalPair pair) implements SourceWriter {
  private static final Duration LIMIT = Duration.ofSeconds(10);

  @Override
  public String told() {
    return "the supervisor";
  }

  @Override
  public void storeNext(String name, Secret value, Deadline deadline) throws InterruptedException {
    keep(Source.next(name), value.reveal(), deadline);
  }

  @Override
  public void promote(String name, Secret value, Deadline deadline) throws InterruptedException {
    keep(name, value.reveal(), deadline);
  }

  @Override
  public void forgetNext(String name, Deadline deadline) throws InterruptedException {
    keep(Source.next(name), "", deadline);
  }

  private void keep(String name, String value, Deadline deadline) throws InterruptedException {
    Request request = Request.of("keep-secrets", "", Map.of(name, value));
    try {
      switch (pair.ask(request, Boolean.class, deadline.atMost(LIMIT))) {
        case Answer.Done<Boolean> _ -> {}
        case Answer.Refused<Boolean> refused -> throw new DeployException(refused.told());
        case Answer.Unknown<Boolean> _ -> throw gone("");
      }
    } catch (PairException e) {
      throw gone(": " + e.getMessage());
    }
  }

  private DeployException gone(String why) {
    return new DeployException("the supervisor of " + pair.data() + " does not answer" + why);
  }

  /** The edge's one secret. A new value is what it shows from then on; it does not start again. */
  public record OfEdge(LocalPair pair) implements SecretStore {
    @Override
    public Set<String> secretNames(Deadline deadline) {
      return Set.of(Source.GATEWAY_SECRET);
    }

    @Override
    public Map<String, SecretChange> putSecrets(Map<String, Secret> values, Deadline deadline)
        throws InterruptedException {
      Secret value = values.get(Source.GATEWAY_SECRET);
      if (value == null || values.size() != 1) {
        throw error("it has no secret but " + Source.GATEWAY_SECRET, "Give it that one only");
      }
      Request request =
          Request.of("edge-secret", "", Map.of(Source.GATEWAY_SECRET, value.reveal()));
      try {
        return switch (pair.ask(request, Boolean.class, deadline.atMost(LIMIT))) {
          case Answer.Done<Boolean> _ -> Map.of(Source.GATEWAY_SECRET, SecretChange.UPDATED);
          case Answer.Refused<Boolean> refused -> throw error(refused.told(), "Run it again");
          case Answer.Unknown<Boolean>(String why) -> throw error(why, "Run it again");
        };
      } catch (PairException e) {
        throw error(String.valueOf(e.getMessage()), "Run it again");
      }
    }

    private static PlatformException error(String problem, String advice) {
      return new PlatformException(
          Kind.UNAVAILABLE, LocalPlatform.NAME, "give the edge its secret", problem, advice);
    }
  }
}
