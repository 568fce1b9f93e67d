package com.mcpist.pair;

import com.mcpist.deploy.secret.Secret;
import com.mcpist.deploy.secrets.SecretsException;
import com.mcpist.deploy.secrets.Source;
import com.mcpist.deploy.secrets.SourceWriter;
import com.mcpist.deploy.time.Deadline;
import com.mcpist.pair.control.Answer;
import com.mcpist.pair.control.Request;
import com.mcpist.pair.data.PairException;
import java.time.Duration;
import java.util.Map;

/** Writes the secrets of the pair on this machine: its supervisor keeps them. */
public final class PairVault implements SourceWriter {
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

  private SecretsException gone(String why) {
    return new SecretsException("the supervisor of " + pair.data() + " does not answer" + why);
  }
}
