package com.mcpist.pair;

import com.mcpist.deploy.secret.Secret;
import com.mcpist.deploy.secrets.RotatableSource;
import com.mcpist.deploy.secrets.SecretNames;
import com.mcpist.deploy.secrets.SecretsException;
import com.mcpist.deploy.secrets.Source;
import com.mcpist.deploy.time.Deadline;
import com.mcpist.pair.control.Answer;
import com.mcpist.pair.control.PairAccess;
import com.mcpist.pair.control.Request;
import com.mcpist.pair.data.PairException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/** The supervisor of the pair on this machine, as the source of its secrets. */
public final class PairVault implements RotatableSource {
  private static final Duration LIMIT = Duration.ofSeconds(10);

  private final LocalPair pair;

  PairVault(LocalPair pair) {
    this.pair = pair;
  }

  @Override
  public String told() {
    return "the supervisor";
  }

  @Override
  public Optional<Secret> current(String name) throws SecretsException {
    PairAccess access = access();
    return switch (name) {
      case SecretNames.GATEWAY_SECRET -> Optional.of(access.gatewaySecret());
      case SecretNames.ADMIN_TOKEN -> Optional.of(access.adminToken());
      default ->
          throw new SecretsException(
              "a pair on this machine makes its own %s and %s: there is no other to rotate"
                  .formatted(SecretNames.GATEWAY_SECRET, SecretNames.ADMIN_TOKEN));
    };
  }

  @Override
  public Optional<Secret> next(String name) throws SecretsException {
    return switch (name) {
      case SecretNames.GATEWAY_SECRET -> access().nextGatewaySecret();
      case SecretNames.ADMIN_TOKEN -> access().nextAdminToken();
      default -> Optional.empty();
    };
  }

  private PairAccess access() throws SecretsException {
    try {
      return pair.access().orElseThrow(() -> gone(""));
    } catch (PairException e) {
      throw gone(": " + e.getMessage());
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      throw gone(": interrupted");
    }
  }

  private SecretsException gone(String why) {
    return new SecretsException("the supervisor of " + pair.data() + " does not answer" + why);
  }

  @Override
  public void storeNext(String name, Secret value, Deadline deadline)
      throws SecretsException, InterruptedException {
    keep(Source.next(name), value.reveal(), deadline);
  }

  @Override
  public void promote(String name, Secret value, Deadline deadline)
      throws SecretsException, InterruptedException {
    keep(name, value.reveal(), deadline);
  }

  @Override
  public void forgetNext(String name, Deadline deadline)
      throws SecretsException, InterruptedException {
    keep(Source.next(name), "", deadline);
  }

  private void keep(String name, String value, Deadline deadline)
      throws SecretsException, InterruptedException {
    Request request = Request.secrets("keep-secrets", Map.of(name, value));
    try {
      switch (pair.ask(request, Boolean.class, deadline.atMost(LIMIT))) {
        case Answer.Done<Boolean> _ -> {}
        case Answer.Refused<Boolean> refused -> throw new SecretsException(refused.told());
        case Answer.Unknown<Boolean> _ -> throw gone("");
      }
    } catch (PairException e) {
      throw gone(": " + e.getMessage());
    }
  }
}
