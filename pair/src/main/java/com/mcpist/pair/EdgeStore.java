package com.mcpist.pair;

import com.mcpist.deploy.platform.PlatformException;
import com.mcpist.deploy.platform.PlatformException.Kind;
import com.mcpist.deploy.platform.SecretStore;
import com.mcpist.deploy.secret.Secret;
import com.mcpist.deploy.secrets.SecretNames;
import com.mcpist.deploy.time.Deadline;
import com.mcpist.pair.control.Answer;
import com.mcpist.pair.control.Request;
import com.mcpist.pair.data.PairException;
import java.time.Duration;
import java.util.Map;
import java.util.Set;

/**
 * Where the edge of the pair on this machine has its one secret from: its supervisor. A new value
 * is what it shows from then on; it does not start again.
 */
public final class EdgeStore implements SecretStore {
  private static final Duration LIMIT = Duration.ofSeconds(10);

  private final LocalPair pair;

  EdgeStore(LocalPair pair) {
    this.pair = pair;
  }

  @Override
  public Set<String> secretNames(Deadline deadline) {
    return Set.of(SecretNames.GATEWAY_SECRET);
  }

  @Override
  public Map<String, SecretChange> putSecrets(Map<String, Secret> values, Deadline deadline)
      throws PlatformException, InterruptedException {
    Secret value = values.get(SecretNames.GATEWAY_SECRET);
    if (value == null || values.size() != 1) {
      throw error("it has no secret but " + SecretNames.GATEWAY_SECRET, "Give it that one only");
    }
    Request request =
        Request.secrets("edge-secret", Map.of(SecretNames.GATEWAY_SECRET, value.reveal()));
    try {
      return switch (pair.ask(request, Boolean.class, deadline.atMost(LIMIT))) {
        case Answer.Done<Boolean> _ -> Map.of(SecretNames.GATEWAY_SECRET, SecretChange.UPDATED);
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
